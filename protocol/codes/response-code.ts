/** Codes of answers. Java: `ResponseCode`, `RemotingSysResponseCode`. */
export const ResponseCode = {
  SUCCESS: 0,
  SYSTEM_ERROR: 1,
  SYSTEM_BUSY: 2,
  REQUEST_CODE_NOT_SUPPORTED: 3,
  TRANSACTION_FAILED: 4,
  FLUSH_DISK_TIMEOUT: 10,
  SLAVE_NOT_AVAILABLE: 11,
  FLUSH_SLAVE_TIMEOUT: 12,
  MESSAGE_ILLEGAL: 13,
  SERVICE_NOT_AVAILABLE: 14,
  VERSION_NOT_SUPPORTED: 15,
  NO_PERMISSION: 16,
  TOPIC_NOT_EXIST: 17,
  TOPIC_EXIST_ALREADY: 18,
  PULL_NOT_FOUND: 19,
  PULL_RETRY_IMMEDIATELY: 20,
  PULL_OFFSET_MOVED: 21,
  QUERY_NOT_FOUND: 22,
  SUBSCRIPTION_PARSE_FAILED: 23,
  SUBSCRIPTION_NOT_EXIST: 24,
  SUBSCRIPTION_NOT_LATEST: 25,
  SUBSCRIPTION_GROUP_NOT_EXIST: 26,
  FILTER_DATA_NOT_EXIST: 27,
  FILTER_DATA_NOT_LATEST: 28,
  INVALID_PARAMETER: 29,
  TRANSACTION_SHOULD_COMMIT: 200,
  TRANSACTION_SHOULD_ROLLBACK: 201,
  TRANSACTION_STATE_UNKNOW: 202,
  TRANSACTION_STATE_GROUP_WRONG: 203,
  NO_BUYER_ID: 204,
  NOT_IN_CURRENT_UNIT: 205,
  CONSUMER_NOT_ONLINE: 206,
  CONSUME_MSG_TIMEOUT: 207,
  NO_MESSAGE: 208,
  POLLING_FULL: 209,
  POLLING_TIMEOUT: 210,
  BROKER_NOT_EXIST: 211,
  BROKER_DISPATCH_NOT_COMPLETE: 212,
  BROADCAST_CONSUMPTION: 213,
  FLOW_CONTROL: 215,
  NOT_LEADER_FOR_QUEUE: 501,
  ILLEGAL_OPERATION: 604,
  RPC_UNKNOWN: -1000,
  RPC_ADDR_IS_NULL: -1002,
  RPC_SEND_TO_CHANNEL_FAILED: -1004,
  RPC_TIME_OUT: -1006,
  GO_AWAY: 1500,
  CONTROLLER_FENCED_MASTER_EPOCH: 2000,
  CONTROLLER_FENCED_SYNC_STATE_SET_EPOCH: 2001,
  CONTROLLER_INVALID_MASTER: 2002,
  CONTROLLER_INVALID_REPLICAS: 2003,
  CONTROLLER_MASTER_NOT_AVAILABLE: 2004,
  CONTROLLER_INVALID_REQUEST: 2005,
  CONTROLLER_BROKER_NOT_ALIVE: 2006,
  CONTROLLER_NOT_LEADER: 2007,
  CONTROLLER_BROKER_METADATA_NOT_EXIST: 2008,
  CONTROLLER_INVALID_CLEAN_BROKER_METADATA: 2009,
  CONTROLLER_BROKER_NEED_TO_BE_REGISTERED: 2010,
  CONTROLLER_MASTER_STILL_EXIST: 2011,
  CONTROLLER_ELECT_MASTER_FAILED: 2012,
  CONTROLLER_ALTER_SYNC_STATE_SET_FAILED: 2013,
  CONTROLLER_BROKER_ID_INVALID: 2014,
  CONTROLLER_JRAFT_INTERNAL_ERROR: 2015,
  CONTROLLER_BROKER_LIVE_INFO_NOT_EXISTS: 2016,
  LMQ_QUOTA_EXCEEDED: 2017,
  LITE_SUBSCRIPTION_QUOTA_EXCEEDED: 2018,
  USER_NOT_EXIST: 3001,
  POLICY_NOT_EXIST: 3002,
} as const;

/** Name of a response code, such as `TOPIC_NOT_EXIST`. */
export type ResponseName = keyof typeof ResponseCode;

/** What is known about a response code. */
export interface ResponseDescription {
  /** Java's name, `UNKNOWN_<code>` for a code this version does not know. */
  readonly name: string;
  readonly code: number;
  /** Whether the same request may succeed when it is sent again, perhaps to another server. */
  readonly retryable: boolean;
  /** One sentence on what happened and what to do, without a full stop. */
  readonly help: string;
}

/** By name: whether to try again, and what to tell the user. */
const meanings: Readonly<Record<ResponseName, readonly [retryable: boolean, help: string]>> = {
  SUCCESS: [false, 'The request was carried out'],
  SYSTEM_ERROR: [
    true,
    "The server failed or did not find what was asked for; the remark holds the reason, the server's log the details",
  ],
  SYSTEM_BUSY: [true, 'The server is overloaded; slow down and try again, or another broker'],
  REQUEST_CODE_NOT_SUPPORTED: [
    false,
    'The server does not know this request; check its version, and that the address is not a proxy or the VIP port',
  ],
  TRANSACTION_FAILED: [false, 'The transaction failed'],
  FLUSH_DISK_TIMEOUT: [false, 'The message is stored, but was not flushed to disk in time'],
  SLAVE_NOT_AVAILABLE: [false, 'The message is stored, but no slave is in reach to copy it'],
  FLUSH_SLAVE_TIMEOUT: [false, 'The message is stored, but was not copied to a slave in time'],
  MESSAGE_ILLEGAL: [
    false,
    'The broker refused the message; check the size of its body and properties, the topic name and the delivery time',
  ],
  SERVICE_NOT_AVAILABLE: [
    true,
    'The broker cannot store now: disk full, or it is a slave; try another broker and check its disk',
  ],
  VERSION_NOT_SUPPORTED: [
    false,
    'The proxy does not support this request, or it came without the broker name (bname)',
  ],
  NO_PERMISSION: [
    true,
    'Not permitted; check the permission of topic, group and broker, and the access control lists',
  ],
  TOPIC_NOT_EXIST: [true, 'The topic does not exist; create it, or set autoCreateTopicEnable on the brokers'],
  TOPIC_EXIST_ALREADY: [false, 'The topic exists already'],
  PULL_NOT_FOUND: [false, 'No new message arrived while the broker held the request'],
  PULL_RETRY_IMMEDIATELY: [false, 'No message matched; pull again from the next offset in the answer'],
  PULL_OFFSET_MOVED: [
    false,
    'The offset is outside the queue or was reset; continue from the next offset in the answer',
  ],
  QUERY_NOT_FOUND: [false, 'Nothing is stored for this query: no offset, no message or no value'],
  SUBSCRIPTION_PARSE_FAILED: [
    false,
    'The filter expression does not compile; check its syntax, and enablePropertyFilter for SQL92',
  ],
  SUBSCRIPTION_NOT_EXIST: [
    true,
    "The broker does not know this group's subscription; send a heartbeat first, and let all members subscribe alike",
  ],
  SUBSCRIPTION_NOT_LATEST: [
    true,
    'The broker holds an older subscription; send a heartbeat after changing it, and let all members subscribe alike',
  ],
  SUBSCRIPTION_GROUP_NOT_EXIST: [
    false,
    'The consumer group does not exist; create it, or set autoCreateSubscriptionGroup on the brokers',
  ],
  FILTER_DATA_NOT_EXIST: [true, 'The SQL92 filter is not registered yet; it is after the next heartbeat'],
  FILTER_DATA_NOT_LATEST: [
    true,
    'The SQL92 filter on the broker is older; it is renewed by the next heartbeat',
  ],
  INVALID_PARAMETER: [false, 'A parameter is out of range; check queue id, counts and names'],
  TRANSACTION_SHOULD_COMMIT: [false, 'The transaction should be committed'],
  TRANSACTION_SHOULD_ROLLBACK: [false, 'The transaction should be rolled back'],
  TRANSACTION_STATE_UNKNOW: [false, 'The state of the transaction is not known'],
  TRANSACTION_STATE_GROUP_WRONG: [false, 'The transaction belongs to another producer group'],
  NO_BUYER_ID: [true, 'The message has no buyer id'],
  NOT_IN_CURRENT_UNIT: [true, 'The message does not belong to this unit'],
  CONSUMER_NOT_ONLINE: [false, 'No member of the consumer group is connected to this broker'],
  CONSUME_MSG_TIMEOUT: [false, 'The client did not answer the request that the broker forwarded'],
  NO_MESSAGE: [false, 'The offset is outside the queue'],
  POLLING_FULL: [true, 'Too many pop requests wait on the broker; try again'],
  POLLING_TIMEOUT: [
    false,
    'No message arrived while the pop request waited; check that the clocks of client and broker agree',
  ],
  BROKER_NOT_EXIST: [false, 'There is no such broker'],
  BROKER_DISPATCH_NOT_COMPLETE: [true, 'The broker has not built its index up to here; try again'],
  BROADCAST_CONSUMPTION: [false, 'The group consumes by broadcasting; there are no offsets on the broker'],
  FLOW_CONTROL: [true, 'The proxy asks to slow down; try again shortly'],
  NOT_LEADER_FOR_QUEUE: [true, 'The logical queue lives on another broker; fetch the route again'],
  ILLEGAL_OPERATION: [false, 'The operation is not allowed in this state'],
  RPC_UNKNOWN: [true, 'The broker failed to ask another broker'],
  RPC_ADDR_IS_NULL: [true, "The broker does not know the other broker's address"],
  RPC_SEND_TO_CHANNEL_FAILED: [true, 'The broker could not reach the other broker'],
  RPC_TIME_OUT: [true, 'The other broker did not answer in time'],
  GO_AWAY: [true, 'The server is shutting down; reconnect and send again'],
  CONTROLLER_FENCED_MASTER_EPOCH: [false, 'The master epoch is outdated'],
  CONTROLLER_FENCED_SYNC_STATE_SET_EPOCH: [false, 'The sync-state-set epoch is outdated'],
  CONTROLLER_INVALID_MASTER: [false, 'The broker is not the master'],
  CONTROLLER_INVALID_REPLICAS: [false, 'The replicas are not valid'],
  CONTROLLER_MASTER_NOT_AVAILABLE: [false, 'No master is available'],
  CONTROLLER_INVALID_REQUEST: [false, 'The request to the controller is not valid'],
  CONTROLLER_BROKER_NOT_ALIVE: [false, 'The broker is not alive'],
  CONTROLLER_NOT_LEADER: [true, 'This controller is not the leader; ask the leader'],
  CONTROLLER_BROKER_METADATA_NOT_EXIST: [false, 'The controller knows no such broker'],
  CONTROLLER_INVALID_CLEAN_BROKER_METADATA: [false, 'The request to clean broker data is not valid'],
  CONTROLLER_BROKER_NEED_TO_BE_REGISTERED: [false, 'The broker must be registered first'],
  CONTROLLER_MASTER_STILL_EXIST: [false, 'There is a master still'],
  CONTROLLER_ELECT_MASTER_FAILED: [false, 'No master could be elected'],
  CONTROLLER_ALTER_SYNC_STATE_SET_FAILED: [false, 'The sync-state set could not be changed'],
  CONTROLLER_BROKER_ID_INVALID: [false, 'The broker id is not valid'],
  CONTROLLER_JRAFT_INTERNAL_ERROR: [false, "The controller's consensus failed"],
  CONTROLLER_BROKER_LIVE_INFO_NOT_EXISTS: [false, 'The controller has no live information of this broker'],
  LMQ_QUOTA_EXCEEDED: [
    false,
    'The broker holds as many light message queues as it may; raise its limit or delete some',
  ],
  LITE_SUBSCRIPTION_QUOTA_EXCEEDED: [
    false,
    'The client holds as many lite subscriptions as it may; unsubscribe from some',
  ],
  USER_NOT_EXIST: [false, 'The user does not exist'],
  POLICY_NOT_EXIST: [false, 'There is no such policy'],
};

const ofAcl1 = '209 to 211 have another meaning since 5.0, which took ACL 1.0 away later';

/** Where the codes are meant to differ from Java's `ResponseCode`, by Java's names, each with the reason. */
export const responseCodeDifferences: Readonly<Record<string, string>> = {
  UPDATE_AND_CREATE_ACL_CONFIG_FAILED: ofAcl1,
  DELETE_ACL_CONFIG_FAILED: ofAcl1,
  UPDATE_GLOBAL_WHITE_ADDRS_CONFIG_FAILED: ofAcl1,
};

const descriptions = new Map<number, ResponseDescription>(
  (Object.keys(ResponseCode) as ResponseName[]).map((name) => {
    const code = ResponseCode[name];
    const [retryable, help] = meanings[name];
    return [code, { name, code, retryable, help }];
  }),
);

/** Name, retryability and help of a response code; always answers, also for codes that are not known. */
export function describeResponse(code: number): ResponseDescription {
  return (
    descriptions.get(code) ?? {
      name: `UNKNOWN_${code}`,
      code,
      retryable: false,
      help: 'The code is not known to this version; see the remark and the log of the server',
    }
  );
}
