import { describeVersion } from '../../../protocol/codes/version.ts';
import { RocketMQError } from '../../../protocol/errors.ts';

/** A broker is too old for pop consumption, which `messageRequestMode: 'pop'` asks for. */
export class PopUnsupportedError extends RocketMQError {
  readonly code = 'ERR_RMQ_POP_UNSUPPORTED';
  readonly brokerName: string;
  /** Ordinal of Java's `MQVersion`; undefined where only its answer told. */
  readonly version: number | undefined;

  constructor(brokerName: string, version?: number, options?: ErrorOptions) {
    const seen = version === undefined ? 'does not know the request' : `is ${describeVersion(version)}`;
    super(
      `Broker ${brokerName} ${seen}; pop consumption needs brokers of 5.0 or later: upgrade it, or leave messageRequestMode out`,
      options,
    );
    this.brokerName = brokerName;
    this.version = version;
  }
}
