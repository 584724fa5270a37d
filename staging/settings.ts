// The settings of staging as configurations have them. Loads no engine, so that `spec` answers at once.

/** The settings of staging, as every destination's configuration has them. */
export interface StagingSettings {
  readonly names: 'original' | 'snake_case';
  readonly on_reject: 'keep' | 'fail';
  readonly segment_megabytes: number;
  readonly segment_minutes: number;
  readonly reject_file?: string;
  readonly working_folder?: string;
}

/** The form fields of these settings, for a specification's `properties`, numbered from `order`. */
export function stagingProperties(order: number) {
  return {
    names: {
      type: 'string',
      enum: ['original', 'snake_case'],
      order,
      title: 'Table and column names',
      description: 'Names as the source spells them, or in snake_case.',
      default: 'original',
    },
    on_reject: {
      type: 'string',
      enum: ['keep', 'fail'],
      order: order + 1,
      title: 'Unusable lines',
      description: 'A line that is no record is kept in a reject file and counted, or ends the run.',
      default: 'keep',
    },
    segment_megabytes: {
      type: 'integer',
      minimum: 1,
      maximum: 4096,
      order: order + 2,
      title: 'Megabytes per delivery',
      description: 'Records are delivered once this many megabytes of them have come.',
      default: 256,
    },
    segment_minutes: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 720,
      order: order + 3,
      title: 'Minutes per delivery',
      description: 'Records are delivered at the latest this long after the first of them came.',
      default: 10,
    },
    reject_file: {
      type: 'string',
      order: order + 4,
      title: 'Reject file',
      description: 'Where lines that cannot be used are kept. Default: a new file in the working directory.',
      examples: ['/var/lib/ledgerpipe/rejects.jsonl'],
    },
    working_folder: {
      type: 'string',
      order: order + 5,
      title: 'Working folder',
      description: 'Local folder for records on their way. Default: the folder for temporary files.',
      airbyte_hidden: true,
    },
  } as const;
}
