/**
 * SQL counterparts of functions of ours, made when a reader opens.
 *
 * `ip_key` is `ipKey` of core/net: 32 hexadecimal digits that sort as the address does, NULL for what is no address.
 * A macro is text that is put in place of each of its parameters: a value that is used more than once is bound by a lambda
 * over a list of one, or nested macros grow beyond what a statement can be planned in (seconds for one address test).
 */
export const MACROS: readonly string[] = [
  // '10.0.0.1' → 167772161
  `CREATE MACRO ip4_number(t) AS CASE WHEN regexp_full_match(t, '[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+')
     THEN list_transform([string_split(t, '.')], lambda o:
       try_cast(o[1] AS UTINYINT)::BIGINT * 16777216 + try_cast(o[2] AS UTINYINT)::BIGINT * 65536
       + try_cast(o[3] AS UTINYINT)::BIGINT * 256 + try_cast(o[4] AS UTINYINT)::BIGINT)[1] END`,
  `CREATE MACRO ip4_key(t) AS '00000000000000000000ffff' || format('{:08x}', ip4_number(t))`,
  // 'db8:1' → '0db80001'
  `CREATE MACRO ip6_digits(h) AS CASE
     WHEN regexp_full_match(h, '[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4})*')
       THEN lower(array_to_string(list_transform(string_split(h, ':'), lambda g: lpad(g, 4, '0')), ''))
     WHEN h = '' THEN '' END`,
  // ['2001:db8', '1'] → '20010db8000000000000000000000001'
  `CREATE MACRO ip6_joined(halves) AS list_transform([list_transform(halves, lambda h: ip6_digits(h))], lambda d: CASE
     WHEN len(d) = 1 AND length(d[1]) = 32 THEN d[1]
     WHEN len(d) = 2 AND length(d[1]) + length(d[2]) <= 28
       THEN d[1] || repeat('0', 32 - length(d[1]) - length(d[2])) || d[2] END)[1]`,
  // '::ffff:192.0.2.1' → '::ffff:c000:0201'
  `CREATE MACRO ip6_plain(t) AS CASE WHEN contains(t, '.') THEN regexp_extract(t, '^(.*:)[^:]*$', 1)
       || regexp_replace(format('{:08x}', ip4_number(regexp_extract(t, '[^:]*$'))), '^(....)(....)$', '\\1:\\2')
     ELSE t END`,
  `CREATE MACRO ip6_key(t) AS CASE WHEN length(t) BETWEEN 2 AND 45 THEN ip6_joined(string_split(ip6_plain(t), '::')) END`,
  `CREATE MACRO ip_key(t) AS CASE WHEN contains(t, ':')
     THEN list_transform([string_split(t, '%')[1]], lambda u: ip6_key(u))[1] ELSE ip4_key(t) END`,
];
