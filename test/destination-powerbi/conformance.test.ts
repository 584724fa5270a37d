// The suite every destination passes, with the Power BI emulator behind it, once for each way to change rows.
import destination from '../../destination-powerbi/index.ts';
import { describeDestination } from '../conformance/destination.ts';
import { livingRows, openWorkspace } from './workspace.ts';

describeDestination({
  destination,
  open: async () => {
    const workspace = await openWorkspace({ config: { names: 'snake_case' } });
    return {
      config: workspace.config,
      clock: workspace.clock,
      faults: workspace.emulator.faults,
      rows: async (table) => livingRows(workspace.emulator, table),
      close: workspace.close,
    };
  },
  refused: [
    {
      name: 'a wrong secret',
      change: (config) => ({ ...config, client_secret: 'wrong' }),
      words: /the client secret is wrong \(AADSTS7000215\), put the value of the secret into "client_secret"/,
    },
    {
      name: 'a workspace that is not there',
      change: (config) => ({ ...config, workspace_id: '00000000-0000-4000-8000-000000000000' }),
      words: /Cannot find the workspace .* add the service principal to the workspace/,
    },
    {
      name: 'My workspace',
      change: ({ workspace_id: _, ...config }) => ({ ...config, workspace_name: 'My workspace' }),
      words: /service principals have none, make a workspace/,
    },
  ],
  skip: [
    {
      test: 'hostile texts arrive as they are',
      reason: 'a text has 4,000 characters at most: see setup.test.ts',
    },
  ],
});
