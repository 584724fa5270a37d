// QuickBooks' values: timestamps as instants, versions of records, the records that streams deliver.
import { instantOf, isObject, isoInstant, isoSecond } from '@airbyte/cdk-typescript-shim';
import { contentHash } from '@airbyte/cdk-typescript-shim/kit';

export type Row = Readonly<Record<string, unknown>>;
export type RecordData = Record<string, unknown>;

/** 2026-04-08T20:13:33Z, floored: as statements and changedSince are written, since records know seconds only. */
export const queryInstant = (at: number): string => `${isoSecond(at)}Z`;

/** When a record last changed, milliseconds since the epoch; undefined for the few without a time (tax codes TAX, NON). */
export const updatedAt = ({ MetaData }: Row): number | undefined =>
  isObject(MetaData) ? instantOf(MetaData.LastUpdatedTime) : undefined;

/** Which of two images of a record is newer. */
export interface Version {
  /** SyncToken; -1 where there is none. */
  readonly token: number;
  /** LastUpdatedTime, milliseconds since the epoch; -Infinity where there is none. */
  readonly updated: number;
  /** Tells apart what changed twice within a second without a new token, as balances of customers do. */
  readonly hash: string;
}

export function versionOf(row: Row): Version {
  const { SyncToken, domain: _, sparse: __, status: ___, ...content } = row;
  const token = Number(SyncToken ?? Number.NaN);
  return {
    token: Number.isFinite(token) ? token : -1,
    updated: updatedAt(row) ?? Number.NEGATIVE_INFINITY,
    hash: contentHash(content),
  };
}

/** Whether `one` should replace `other`: a later token, or the same with a later time, or other content at that time. */
export function supersedes(one: Version, other: Version | undefined): boolean {
  if (other === undefined || one.token > other.token) return true;
  if (one.token < other.token || one.updated < other.updated) return false;
  return one.updated > other.updated || one.hash !== other.hash;
}

/** A record as its stream has it: as QuickBooks sends it, with its company and its time of change in UTC. */
export function recordOf(row: Row, { realm, id }: { realm: string; id: string }): RecordData {
  const at = updatedAt(row);
  return {
    RealmID: realm,
    ...row,
    Id: id,
    ...(at === undefined ? {} : { LastUpdatedTime: isoInstant(at) }),
  };
}

/** All that is left of a record: its key, and when it went. `at` stands in where QuickBooks does not say. */
export function tombstone(id: string, { realm, at }: { realm: string; at: number }): RecordData {
  return { RealmID: realm, Id: id, LastUpdatedTime: isoInstant(at), _ab_cdc_deleted_at: isoInstant(at) };
}
