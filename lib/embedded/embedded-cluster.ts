import { EventEmitter } from 'node:events';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { GroupView } from './cluster-view.ts';
import type { Control, ControlAction } from './control.ts';
import type { BrokerOptions, EmbeddedClusterOptions, TopicOptions } from './embedded-options.ts';
import type { LoggedRequest, RequestFilter } from './request-log.ts';

export interface EmbeddedClusterEvents {
  /** A request has come in, or a broker has sent one to a client. */
  request: [LoggedRequest];
}

/**
 * A RocketMQ name server and any number of brokers in this process, speaking the real protocol on real sockets (or on
 * a transport of the caller's). Unmodified clients of any language can use it.
 */
export class EmbeddedCluster extends EventEmitter<EmbeddedClusterEvents> implements AsyncDisposable {
  private constructor() {
    super();
  }

  static async start(_options: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> {
    throw new Error('Not written yet');
  }

  /** Addresses for a client's `nameServers` option, `host:port` joined by `;`. */
  get nameServers(): string {
    throw new Error('Not written yet');
  }

  /** Names of the brokers, stopped ones too. */
  get brokerNames(): readonly string[] {
    throw new Error('Not written yet');
  }

  /** Address of a broker. */
  brokerAddress(_name: string): string {
    throw new Error('Not written yet');
  }

  createTopic(_name: string, _options: TopicOptions = {}): void {
    throw new Error('Not written yet');
  }

  /** Changes what is given and keeps the rest. */
  updateTopic(_name: string, _options: TopicOptions): void {
    throw new Error('Not written yet');
  }

  deleteTopic(_name: string): void {
    throw new Error('Not written yet');
  }

  /** Stored messages of a topic by broker, queue and offset. */
  messages(_topic: string): ReceivedMessage[] {
    throw new Error('Not written yet');
  }

  group(_name: string): GroupView {
    throw new Error('Not written yet');
  }

  /** Stops a broker and cuts its connections. `leaveRoute` keeps it in the routes, as when a name server has not noticed. */
  async stopBroker(_name: string, _options: { leaveRoute?: boolean } = {}): Promise<void> {
    throw new Error('Not written yet');
  }

  /** Starts a stopped broker on the same address with the same messages, offsets and topics. */
  async startBroker(_name: string): Promise<void> {
    throw new Error('Not written yet');
  }

  /** Adds a broker without topics (except the template) and tells its name. */
  async addBroker(_options: BrokerOptions = {}): Promise<string> {
    throw new Error('Not written yet');
  }

  async stopNameServer(_index = 0): Promise<void> {
    throw new Error('Not written yet');
  }

  async startNameServer(_index = 0): Promise<void> {
    throw new Error('Not written yet');
  }

  /** Cuts connections: all of them, those of one client address, or those of one server. */
  disconnect(_which: { server?: string; client?: string } = {}): void {
    throw new Error('Not written yet');
  }

  /** Meddles with the requests of one code, until it is removed. */
  control(_command: Pick<Command, 'code'> | number, _action: ControlAction): Control {
    throw new Error('Not written yet');
  }

  /** The last requests, oldest first. */
  requests(_filter?: RequestFilter): LoggedRequest[] {
    throw new Error('Not written yet');
  }

  async shutdown(): Promise<void> {
    throw new Error('Not written yet');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
