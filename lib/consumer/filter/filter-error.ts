import { RocketMQError } from '../../errors.ts';

/** `disabled`: the broker does not filter by SQL92. `malformed`: it cannot read the expression. */
export type FilterProblem = 'disabled' | 'malformed';

/** A broker refuses the SQL92 filter of a subscription. Java: `MQClientException` of `checkClientInBroker`. */
export class FilterError extends RocketMQError {
  readonly code = 'ERR_RMQ_FILTER';
  readonly topic: string;
  readonly expression: string;
  readonly problem: FilterProblem;
  /** Address of the broker. */
  readonly address: string;

  constructor(
    topic: string,
    expression: string,
    refusal: { readonly problem: FilterProblem; readonly address: string; readonly cause?: unknown },
  ) {
    const { problem, address, cause } = refusal;
    const reason =
      problem === 'disabled'
        ? 'it does not filter by SQL92; set enablePropertyFilter=true in its configuration, or filter by tags'
        : `it cannot read ${JSON.stringify(expression)}${cause instanceof Error ? `: ${cause.message}` : ''}`;
    super(`Broker ${address} refuses the filter of topic ${topic}: ${reason}`, { cause });
    this.topic = topic;
    this.expression = expression;
    this.problem = problem;
    this.address = address;
  }
}
