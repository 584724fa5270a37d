// Whatever of Power BI and OneLake nobody has confirmed: under every value of it, met by every value of all others, and
// with faults anywhere, the figures are right and refusals are told with their remedy.
import { expect, test } from 'vitest';
import destination from '../../destination-powerbi/index.ts';
import { contextOf } from '../conformance/in-process.ts';
import type { FaultAction } from '../emulators/faults.ts';
import type { Switches } from '../emulators/powerbi/index.ts';
import { likeliest } from '../emulators/powerbi/switches.ts';
import { coveringRows } from './covering.ts';
import { appendedPayments, figures, mirrorFigures } from './figures.ts';
import { catalog, Ledger, randomNumbers } from './ledger.ts';
import { switchValues } from './switch-values.ts';
import { openWorkspace, steppingClock, type Workspace } from './workspace.ts';

const hows = ['rewrite', 'append_versions', 'open_mirroring'] as const;

const rows = coveringRows({ how: hows, ...switchValues }).map((row) => ({
  how: hows[row.get('how') ?? 0] ?? 'rewrite',
  switches: Object.fromEntries(
    Object.entries(switchValues).map(([name, values]) => [name, values[row.get(name) ?? 0]]),
  ) as unknown as Switches,
}));

const faults: readonly FaultAction[] = [
  { kind: 'cut', when: 'after' },
  { kind: 'cut', when: 'before' },
  { kind: 'answer', status: 503, headers: { 'retry-after': '1' } },
  { kind: 'answer', status: 500, body: 'oops' },
  { kind: 'answer', status: 429, headers: { 'retry-after': '2' } },
  { kind: 'truncate' },
];

const check = async (
  { config, clock }: Workspace,
  change: Readonly<Record<string, unknown>> = {},
): Promise<string> => {
  const context = await contextOf(destination, { config: { ...config, ...change }, clock }, []);
  const { ok, message = '' } = await destination.check(context);
  return `${ok ? 'ok' : 'refused'}: ${message}`;
};

/** What an administrator may have got wrong, each with what `check` then says. */
async function refusals(workspace: Workspace): Promise<void> {
  const { tenant } = workspace.emulator;
  expect(await check(workspace, { client_id: '11111111-1111-4111-8111-111111111111' })).toMatch(
    /^refused: .*AADSTS700016/,
  );
  expect(await check(workspace, { tenant_id: 'nobody.onmicrosoft.com' })).toMatch(/^refused: .*AADSTS90002/);
  tenant.secretExpired = true;
  expect(await check(workspace)).toMatch(/^refused: .*AADSTS7000222/);
  tenant.secretExpired = false;
  tenant.servicePrincipals = false;
  expect(await check(workspace)).toMatch(/^refused: .*service principals/);
  tenant.servicePrincipals = true;
  const workspaces = tenant.workspaces.map((one) => ({ one, role: one.role }));
  for (const { one } of workspaces) one.role = 'None';
  expect(await check(workspace)).toMatch(/^refused: .*workspace/);
  for (const { one, role } of workspaces) one.role = role;
}

/** A random request fails in a random way, and some work is done and yet said to have failed. */
function disturb({ emulator }: Workspace, random: () => number): void {
  for (let count = 0; count < 2; count += 1) {
    const does = faults[Math.floor(random() * faults.length)] ?? { kind: 'cut', when: 'after' };
    emulator.faults.add({ skip: Math.floor(random() * 12), does });
    emulator.faultsAfter.add({
      method: 'POST',
      path: /rows$/,
      skip: Math.floor(random() * 4),
      does: { kind: 'answer', status: 503 },
    });
  }
}

/** Rows of an append stream may be there twice where the service lets nobody know, and then they are marked. */
async function agrees(workspace: Workspace, ledger: Ledger, how: (typeof hows)[number]): Promise<void> {
  const { emulator } = workspace;
  if (how === 'open_mirroring') {
    expect(await mirrorFigures(emulator)).toEqual(ledger.totals());
    return;
  }
  const { payments, paid, ...settled } = await figures(emulator);
  const { payments: made, paid: sum, ...wanted } = ledger.totals();
  expect(settled).toEqual(wanted);
  const marked = emulator
    .rows('_sync')
    .some(({ event, table }) => event === 'possible duplicate' && table === 'payments');
  if (marked) expect(appendedPayments(emulator)).toEqual({ payments: made, paid: sum });
  else expect({ payments, paid }).toEqual({ payments: made, paid: sum });
}

test('the combinations cover every value of every switch, each in every way to deliver', () => {
  for (const [name, values] of Object.entries(switchValues))
    for (const value of values)
      expect(
        new Set(
          rows.filter(({ switches }) => switches[name as keyof Switches] === value).map(({ how }) => how),
        ).size,
        `${name} ${JSON.stringify(value)}`,
      ).toBe(hows.length);
  expect(Object.keys(switchValues).sort()).toEqual(Object.keys(likeliest).sort());
});

for (const [index, { how, switches }] of rows.entries())
  test(`${how}: figures equal the ledger under combination ${index + 1} of all switches, with faults`, async () => {
    const mirrors = how === 'open_mirroring';
    await using workspace = await openWorkspace({
      switches,
      clock: steppingClock(),
      delivery: mirrors ? { mode: how, database_name: 'Finance' } : { strategy: how },
    });
    const { emulator, clock } = workspace;
    const unusual = JSON.stringify(
      Object.entries(switches).filter(([name, value]) => likeliest[name as keyof Switches] !== value),
    );
    try {
      if (switches.contributorWrites) for (const one of emulator.tenant.workspaces) one.role = 'Contributor';
      expect(await check(workspace)).toMatch(/^ok: Verified/);
      await refusals(workspace);
      const ledger = new Ledger(7);
      const random = randomNumbers(index * 31 + 5);
      const first = ledger.edit(14);
      if (!mirrors && switches.creation === 'closed') {
        // Nothing but another model, or the other mode, helps; models that were made before stay.
        await expect(workspace.write(first, catalog())).rejects.toThrow(/open_mirroring/);
        emulator.change({ creation: 'open' });
      }
      for (const messages of [first, () => ledger.edit(14)]) {
        disturb(workspace, random);
        await workspace.write(typeof messages === 'function' ? messages() : messages, catalog());
        emulator.change({ creation: switches.creation });
        clock.advance(600_000);
        emulator.faults.clear();
        emulator.faultsAfter.clear();
        await agrees(workspace, ledger, how);
      }
      expect(await check(workspace)).toMatch(/^ok: Verified/);
      expect(emulator.throttled()).toBe(0);
    } catch (error) {
      throw new Error(`Under ${unusual}`, { cause: error });
    }
  });
