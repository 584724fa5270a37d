// States that wait for the rows they cover, and what they say when some of those were refused.
import { type Message, streamKey } from '@airbyte/cdk-typescript-shim';

type State = Extract<Message, { type: 'STATE' }>;

/**
 * The states with the refused records counted. Nobody knows which of a stream's states covers them: only the last one
 * goes back then, and stands for those before it.
 */
export function withRefused(
  held: readonly Message[],
  refused: ReadonlyMap<string, number>,
): readonly Message[] {
  const groups = new Map<string, { readonly states: State[]; count: number }>();
  for (const message of held) {
    const group = message.type === 'STATE' ? groupOf(message, refused) : undefined;
    if (message.type !== 'STATE' || !group) continue;
    const known = groups.get(group.name) ?? { states: [], count: group.count };
    known.states.push(message);
    groups.set(group.name, known);
  }
  return held.flatMap((message): readonly Message[] => {
    const group = message.type === 'STATE' ? groupOf(message, refused) : undefined;
    const { states = [], count = 0 } = groups.get(group?.name ?? '') ?? {};
    if (message.type !== 'STATE' || !group) return [message];
    return message === states.at(-1) ? [merged(message, states, count)] : [];
  });
}

/** A state without a stream covers all of them. */
function groupOf(
  { state }: State,
  refused: ReadonlyMap<string, number>,
): { readonly name: string; readonly count: number } | undefined {
  const descriptor = state.stream?.stream_descriptor;
  const name = descriptor ? streamKey(descriptor.name, descriptor.namespace) : '';
  const count = descriptor
    ? (refused.get(name) ?? 0)
    : [...refused.values()].reduce((sum, one) => sum + one, 0);
  return count > 0 ? { name, count } : undefined;
}

function merged(last: State, states: readonly State[], count: number): Message {
  const sum = (of: 'recordCount' | 'rejectedRecordCount'): number =>
    states.reduce((total, { state }) => total + (state.destinationStats?.[of] ?? 0), 0);
  const delivered = sum('recordCount');
  const stats = {
    ...last.state.destinationStats,
    recordCount: Math.max(0, delivered - count),
    rejectedRecordCount: sum('rejectedRecordCount') + Math.min(count, delivered),
  };
  return { ...last, state: { ...last.state, destinationStats: stats } };
}
