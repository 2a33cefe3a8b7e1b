import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';

/** Logins and logouts of a web mail say where they were. */
export const asWebmail = (fields: Fields, act: Act): Act => {
  if (act === 'login' || act === 'logout') fields['service.type'] = 'webmail';
  return act;
};
