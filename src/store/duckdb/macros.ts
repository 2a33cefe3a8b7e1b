/**
 * SQL counterparts of functions of ours, made when a reader opens.
 *
 * `ip_key` is `ipKey` of core/net: 32 hexadecimal digits that sort as the address does, NULL for what is no address.
 */
export const MACROS: readonly string[] = [
  // '10.0.0.1' → '00000000000000000000ffff0a000001'
  `CREATE MACRO ip4_octet(t, i) AS try_cast(string_split(t, '.')[i] AS UTINYINT)::BIGINT`,
  `CREATE MACRO ip4_number(t) AS CASE WHEN regexp_full_match(t, '[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+')
     THEN ip4_octet(t, 1) * 16777216 + ip4_octet(t, 2) * 65536 + ip4_octet(t, 3) * 256 + ip4_octet(t, 4) END`,
  `CREATE MACRO ip4_key(t) AS '00000000000000000000ffff' || format('{:08x}', ip4_number(t))`,
  // 'db8:1' → '0db80001'
  `CREATE MACRO ip6_digits(h) AS CASE
     WHEN h = '' THEN ''
     WHEN regexp_full_match(h, '[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4})*')
       THEN lower(array_to_string(list_transform(string_split(h, ':'), lambda g: lpad(g, 4, '0')), '')) END`,
  `CREATE MACRO ip6_filled(a, b) AS CASE WHEN length(a) + length(b) <= 28 THEN a || repeat('0', 32 - length(a) - length(b)) || b END`,
  `CREATE MACRO ip6_joined(halves) AS CASE len(halves)
     WHEN 1 THEN CASE WHEN length(ip6_digits(halves[1])) = 32 THEN ip6_digits(halves[1]) END
     WHEN 2 THEN ip6_filled(ip6_digits(halves[1]), ip6_digits(halves[2])) END`,
  // '::ffff:192.0.2.1' → '::ffff:c000:0201'
  `CREATE MACRO ip6_plain(t) AS CASE WHEN contains(t, '.') THEN
     regexp_extract(t, '^(.*:)[^:]*$', 1) || regexp_replace(format('{:08x}', ip4_number(regexp_extract(t, '[^:]*$'))), '^(....)(....)$', '\\1:\\2')
     ELSE t END`,
  `CREATE MACRO ip6_key(t) AS CASE WHEN contains(t, ':') AND length(t) BETWEEN 2 AND 45
     THEN ip6_joined(string_split(ip6_plain(t), '::')) END`,
  `CREATE MACRO ip_key(t) AS CASE WHEN contains(t, ':') THEN ip6_key(string_split(t, '%')[1]) ELSE ip4_key(t) END`,
];
