import { ResponseCode } from '../../protocol/codes/response-code.ts';
import { MQVersion } from '../../protocol/codes/version.ts';
import type { Generation } from './embedded-options.ts';

/** All in which the emulated generations differ. Seen on real servers 5.5.0 and 4.9.7. */
export interface Manners {
  /** Ordinal that answers carry. */
  readonly version: number;
  /** Answers use the header type of their request; else JSON. */
  readonly echoesSerializeType: boolean;
  /** Code for a queue id or topic name that cannot be. */
  readonly invalidParameter: number;
  /** What ends the remarks about topics and subscriptions. */
  readonly helpLink: string;
  /** Heartbeat answers tell of heartbeat V2; fingerprints are kept. */
  readonly heartbeatV2: boolean;
  /** Send answers carry `transactionId`; the broker makes a unique key where there is none. */
  readonly transactionId: boolean;
  /** Stored messages also carry MSG_REGION and TRACE_ON, and keep WAIT. */
  readonly regionProperties: boolean;
  /** Only messages of one topic and no retries may be sent as a batch; POP_CK is taken off. */
  readonly strictSends: boolean;
  /** Remarks about names tell the name. */
  readonly namesInRemarks: boolean;
  /** Refused pulls tell what forbids them. */
  readonly forbiddenType: boolean;
  /** The members of a batch also get the properties of the batch. */
  readonly appendsBatchProperties: boolean;
  /** Pull answers carry the system flags of topic and group. */
  readonly pullSysFlags: boolean;
  /** `setZeroIfNotFound` is obeyed; unknown groups and topics are refused in 15. */
  readonly strictOffsets: boolean;
  /** 222 keeps the new offset on the broker and answers the next pull with 21. */
  readonly serverSideReset: boolean;
  /** The name server answers codes it does not know. */
  readonly nameServerRefusesUnknown: boolean;
  /** Routes tell `enableActingMaster`. */
  readonly actingMaster: boolean;
  /** 320 and 310 without a body are refused. */
  readonly refusesEmptyBody: boolean;
  /** A time between two messages finds the first not before it; else the nearest. */
  readonly exactTimeSearch: boolean;
  /** While a queue lock of the group lives, what is sent to its retry topic goes to the dead-letter topic. */
  readonly lockedRetriesDie: boolean;
  /** A message that is sent to a retry topic with as many tries as allowed dies; else only with more. */
  readonly lastTryDies: boolean;
  /** Prepared messages carry `__transactionId__`; committed ones lose REAL_TOPIC and REAL_QID. */
  readonly tidyTransactions: boolean;
  /** SQL92 knows CONTAINS, STARTSWITH and ENDSWITH. */
  readonly sqlTextTests: boolean;
  /** Messages may carry a time of delivery, and be recalled before it. */
  readonly timedMessages: boolean;
  /** Pop consumption and assignment by the broker are there. */
  readonly pop: boolean;
  /** LITE_PULL_MESSAGE is known. */
  readonly litePull: boolean;
  /** One topic's, one group's settings and the topics of a group can be asked for. */
  readonly singleConfigs: boolean;
  /** Names of consumer groups are checked. */
  readonly strictGroupNames: boolean;
  /** Queries by key may say which index is meant. */
  readonly indexTypes: boolean;
  /** Slaves refuse sends as busy, and resets; else as not available, and changes of topics. */
  readonly slavesReject: boolean;
  /** Access control 2.0 and its words; else 1.0. */
  readonly aclTwo: boolean;
}

const five: Manners = {
  version: MQVersion.V5_5_0,
  echoesSerializeType: false,
  invalidParameter: ResponseCode.INVALID_PARAMETER,
  helpLink: '\nSee https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.',
  heartbeatV2: true,
  transactionId: true,
  regionProperties: true,
  strictSends: true,
  namesInRemarks: true,
  forbiddenType: true,
  appendsBatchProperties: false,
  pullSysFlags: true,
  strictOffsets: true,
  serverSideReset: true,
  nameServerRefusesUnknown: true,
  actingMaster: true,
  refusesEmptyBody: true,
  exactTimeSearch: true,
  lockedRetriesDie: true,
  lastTryDies: false,
  tidyTransactions: true,
  sqlTextTests: true,
  timedMessages: true,
  pop: true,
  litePull: true,
  singleConfigs: true,
  strictGroupNames: true,
  indexTypes: true,
  slavesReject: true,
  aclTwo: true,
};

const fourNine: Manners = {
  version: MQVersion.V4_9_7,
  echoesSerializeType: true,
  invalidParameter: ResponseCode.SYSTEM_ERROR,
  helpLink: '\nSee http://rocketmq.apache.org/docs/faq/ for further details.',
  heartbeatV2: false,
  transactionId: false,
  regionProperties: false,
  strictSends: false,
  namesInRemarks: false,
  forbiddenType: false,
  appendsBatchProperties: true,
  pullSysFlags: false,
  strictOffsets: false,
  serverSideReset: false,
  nameServerRefusesUnknown: false,
  actingMaster: false,
  refusesEmptyBody: false,
  exactTimeSearch: false,
  lockedRetriesDie: false,
  lastTryDies: true,
  tidyTransactions: false,
  sqlTextTests: false,
  timedMessages: false,
  pop: false,
  litePull: false,
  singleConfigs: false,
  strictGroupNames: false,
  indexTypes: false,
  slavesReject: false,
  aclTwo: false,
};

/** The manners of a generation. */
export const mannersOf = (generation: Generation): Manners => (generation === '5' ? five : fourNine);
