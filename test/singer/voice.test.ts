// What a tap or target says of itself: metrics in time, logs by level, settings in their places.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { logMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { createRedactor } from '@airbyte/cdk-typescript-shim/kit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isSingerCall } from '../../protocol/kit/singer/call.ts';
import { openLog } from '../../protocol/kit/singer/log.ts';
import { openMetrics } from '../../protocol/kit/singer/metrics.ts';
import { ownSettings } from '../../protocol/kit/singer/own-settings.ts';
import { bundled } from '../bundled.ts';
import { fileOf, temporaryFolder } from '../program.ts';

function logTo(lines: string[], debug = false) {
  const redactor = createRedactor();
  redactor.learn({ properties: { key: { airbyte_secret: true } } }, { key: 'hidden-key' });
  return openLog(redactor, { write: (text) => lines.push(text), debug });
}

describe('metrics', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('count the records of each minute, and at the end what is left and how long it took', () => {
    const lines: string[] = [];
    const metrics = openMetrics(logTo(lines), ['a', 'b']);
    const counter = (value: number, endpoint: string) =>
      `INFO METRIC: {"type":"counter","metric":"record_count","value":${value},"tags":{"endpoint":"${endpoint}"}}\n`;
    metrics.record('a');
    metrics.record('a');
    vi.advanceTimersByTime(60_000);
    expect(lines.splice(0)).toEqual([counter(2, 'a')]);
    vi.advanceTimersByTime(60_000);
    expect(lines).toEqual([]);
    metrics.record('a');
    vi.advanceTimersByTime(1_500);
    metrics.end('succeeded');
    const timer =
      'INFO METRIC: {"type":"timer","metric":"job_duration","value":121.5,"tags":{"job_type":"sync","status":"succeeded"}}\n';
    expect(lines.splice(0)).toEqual([counter(1, 'a'), counter(0, 'b'), timer]);
    vi.advanceTimersByTime(600_000);
    expect(lines).toEqual([]);
  });
});

describe('the log', () => {
  test('has Python’s levels, one line for each message, and no secret', () => {
    const lines: string[] = [];
    const log = logTo(lines);
    log.message(logMessage('WARN', 'two\n  lines with hidden-key'));
    log.message(logMessage('DEBUG', 'left out'));
    log.message(logMessage('FATAL', 'the end'));
    log.message(streamStatusMessage('invoices', 'RUNNING', 1, Date.UTC(2026, 0, 1)));
    log.message(streamStatusMessage('invoices', 'COMPLETE', 1));
    expect(lines).toEqual([
      'WARNING two lines with ****\n',
      'CRITICAL the end\n',
      'INFO Stream "invoices" waits for a rate limit until 2026-01-01T00:00:00.000Z\n',
    ]);
    const loud: string[] = [];
    logTo(loud, true).message(logMessage('DEBUG', 'told'));
    expect(loud).toEqual(['DEBUG told\n']);
  });
});

describe('a call', () => {
  test.each([
    [['node', '/bin/tap-xero'], true],
    [['node', '/bin/target-databricks', '--config', 'c'], true],
    [['node', '/bin/source-xero', '--config', 'c'], true],
    [['node', '/bin/source-xero', '--config=c', '--discover'], true],
    [['node', '/bin/source-xero', '--about'], true],
    [['node', '/bin/source-xero', '-c', 'c', '-d'], true],
    [['node', '/bin/source-xero', 'read', '--config', 'c', '--state', 's'], false],
    [['node', '/bin/source-xero', 'spec'], false],
    [['node', '/bin/source-xero', '--help'], false],
    [['node', '/bin/source-xero', '--version'], false],
    [['node', '/bin/source-xero'], false],
    [['node', '/app/dist/main.js'], false],
  ])('%j is Singer: %s', (argv, expected) => {
    expect(isSingerCall(argv)).toBe(expected);
  });
});

describe('the settings of Singer', () => {
  const spec = {
    properties: {
      schema: { type: 'string' },
      deletion: { type: 'string', enum: ['soft', 'hard'] },
    },
  } as const;

  test('fill in the fields that a destination has for them', () => {
    const own = ownSettings('target', spec);
    expect(own.fields({ hard_delete: true, default_target_schema: 'lake' })).toEqual({
      deletion: 'hard',
      schema: 'lake',
    });
    expect(own.fields({ hard_delete: false })).toEqual({ deletion: 'soft' });
    expect(own.fields({})).toEqual({});
    expect(Object.keys(own.properties)).toContain('hard_delete');
  });

  test('are not offered where the destination has nothing to fulfil them, or a setting of that name', () => {
    const offered = Object.keys(
      ownSettings('target', { properties: { load_method: { type: 'string' } } }).properties,
    );
    expect(offered).not.toContain('hard_delete');
    expect(offered).not.toContain('batch_size_rows');
    expect(offered).not.toContain('load_method');
    expect(offered).toContain('default_target_schema');
  });
});

describe('a .env file', () => {
  test('in the working directory gives settings, and the environment goes before it', async () => {
    const folder = await temporaryFolder();
    await fileOf(folder, '.env', 'TAP_EXAMPLE_ROWS=3\nTAP_EXAMPLE_API_KEY="from the file"\n');
    const child = spawn(process.execPath, [bundled('test/example-source/main.ts'), '--config', 'ENV'], {
      cwd: folder,
      env: { ...process.env, TAP_EXAMPLE_ROWS: '4' },
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(stdout.match(/"type":"RECORD"/g)).toHaveLength(4);
  });
});
