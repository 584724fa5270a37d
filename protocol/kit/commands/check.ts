// `check`: one CONNECTION_STATUS. Bad settings are a FAILED with exit 0; only a fault of ours is an error.
import { asConnectorError, connectionStatusMessage } from '../../index.ts';
import type { Command } from '../run.ts';
import { type Connector, openContext } from './context.ts';

export const check =
  (connector: Connector, file: string): Command =>
  async (run) => {
    try {
      const context = await openContext(connector, { run, file });
      const { ok, message } = await connector.check(context);
      await run.output.write(connectionStatusMessage({ status: ok ? 'SUCCEEDED' : 'FAILED', message }));
    } catch (thrown) {
      const error = asConnectorError(thrown);
      if (error.kind === 'system' || run.stop.signal.aborted) throw error;
      await run.output.write(connectionStatusMessage({ status: 'FAILED', message: error.message }));
    }
    return 0;
  };
