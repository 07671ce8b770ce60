import { RocketMQError } from '../../errors.ts';

/** The file in which a broadcasting consumer keeps its positions cannot be used. Java: `MQClientException` of `LocalFileOffsetStore`. */
export class OffsetFileError extends RocketMQError {
  readonly code = 'ERR_RMQ_OFFSET_FILE';
  readonly path: string;

  /** @param problem completes "Offset file … " */
  constructor(path: string, problem: string, options?: ErrorOptions) {
    const reason = options?.cause instanceof Error ? `: ${options.cause.message}` : '';
    super(`Offset file ${path} ${problem}${reason}`, options);
    this.path = path;
  }
}
