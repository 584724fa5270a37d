// The events that changes of a company raise, and the two bodies they travel in.
import { createHash, createHmac } from 'node:crypto';
import { ENTITIES, type Operation } from './entities.ts';

export interface WebhookEvent {
  readonly realmId: string;
  readonly entity: string;
  readonly id: string;
  readonly operation: Operation;
  /** ms since the epoch. */
  readonly at: number;
  /** Merge only: the record that lost. */
  readonly deletedId?: string;
}

export type WebhookForm = 'cloudevents' | 'legacy';

/** base64(HMAC-SHA256(raw body, verifier token)): the same for both forms. */
export function webhookSignature(body: string, verifierToken: string): string {
  return createHmac('sha256', verifierToken).update(body, 'utf8').digest('base64');
}

const PAST = {
  Create: 'created',
  Update: 'updated',
  Delete: 'deleted',
  Merge: 'merged',
  Void: 'voided',
  Emailed: 'emailed',
} as const;

/** Does the entity raise this operation at all? */
export const raises = ({ entity, operation }: Pick<WebhookEvent, 'entity' | 'operation'>): boolean =>
  ENTITIES.get(entity)?.events.includes(operation) ?? false;

/** One object per realm, entities inside. */
function legacyBody(events: readonly WebhookEvent[]): string {
  const realms = new Map<string, WebhookEvent[]>();
  for (const event of events) realms.set(event.realmId, [...(realms.get(event.realmId) ?? []), event]);
  return JSON.stringify({
    eventNotifications: [...realms].map(([realmId, inside]) => ({
      realmId,
      dataChangeEvent: {
        entities: inside.map(({ entity, id, operation, at, deletedId }) => ({
          name: entity === 'CompanyCurrency' ? 'Currency' : entity,
          id,
          operation,
          lastUpdated: new Date(at).toISOString(),
          ...(deletedId === undefined ? {} : { deletedId }),
        })),
      },
    })),
  });
}

/** A JSON array; fractions of seconds come with 0 to 9 digits, `data` may be missing, empty or telling. */
function cloudEventsBody(events: readonly WebhookEvent[]): string {
  return JSON.stringify(
    events.map((event, at) => {
      const { realmId, entity, id, operation, deletedId } = event;
      const hash = createHash('sha256').update(JSON.stringify(event)).digest('hex');
      return {
        specversion: '1.0',
        id: `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`,
        source: 'intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=',
        type: `qbo.${entity === 'CompanyCurrency' ? 'currency' : entity.toLowerCase()}.${PAST[operation]}.v1`,
        ...(at % 2 === 0 ? { datacontenttype: 'application/json' } : {}),
        time: utcTime(event.at, at % 10),
        intuitentityid: id,
        intuitaccountid: realmId,
        ...dataOf(event, deletedId),
      };
    }),
  );
}

function dataOf({ entity, id }: WebhookEvent, deletedId: string | undefined): { data?: object } {
  if (deletedId !== undefined) return { data: { deletedid: deletedId } };
  if (entity === 'Employee' || entity === 'Class')
    return { data: { alternative_ids: [{ id: Number(id), namespace: 'intuit.platform' }] } };
  return Number(id) % 2 === 0 ? { data: {} } : {};
}

function utcTime(at: number, digits: number): string {
  const [whole = ''] = new Date(at).toISOString().split('.');
  const fraction = `${String(at % 1000).padStart(3, '0')}179851`.slice(0, digits);
  return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** The body of a delivery; events of several realms may share one. */
export function webhookBody(events: readonly WebhookEvent[], form: WebhookForm): string {
  return form === 'legacy' ? legacyBody(events) : cloudEventsBody(events);
}
