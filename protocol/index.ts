/**
 * The remoting protocol of Apache RocketMQ: bytes to values and back, without a socket or a clock.
 *
 * - Frames: {@link FrameDecoder}, {@link FrameWriter}, {@link encodeCommand}
 * - The command table: {@link Commands}, {@link commandByCode}; codes: {@link RequestCode}, {@link describeResponse}
 * - Messages: {@link decodeStoredMessages}, {@link ReceivedMessage}, {@link encodeStoredMessage}, {@link encodeBatch}
 * - JSON as Java's fastjson writes it: {@link parseFastjson}
 * - For people: {@link describeFrame}
 * - Signatures: {@link signRequest}, {@link Credentials}
 *
 * Whatever cannot be read or written is a {@link ProtocolError} that names the place.
 *
 * @module
 */
export * from './errors.ts';
export * from './remoting-command.ts';
export * from './frame.ts';
export * from './codes/language-code.ts';
export * from './codes/request-code.ts';
export * from './codes/response-code.ts';
export * from './codes/version.ts';
export * from './commands/index.ts';
export * from './schema/command.ts';
export * from './schema/header.ts';
export type { FieldPlan } from './schema/field-plan.ts';
export type { HeaderPlan } from './schema/header-plan.ts';
export type { Body } from './schema/body.ts';
/** Kinds of bodies, for commands of one's own: `command({ …, responseBody: bodies.text })`. */
export * as bodies from './schema/body.ts';
/** Kinds of header fields, for headers of one's own: `header('MyRequestHeader', { topic: fields.string() })`. */
export * as fields from './schema/field.ts';
export type { Member, MemberBuilder, Members, Shape, ShapeOf } from './schema/shape.ts';
export type { BoundaryType, Field, FieldBuilder, FieldKind } from './schema/field.ts';
export * from './serialization/fastjson.ts';
export * from './model/access-control.ts';
export * from './model/assignment.ts';
export * from './model/batch-ack.ts';
export * from './model/config-text.ts';
export * from './model/data-version.ts';
export * from './model/heartbeat-fingerprint.ts';
export * from './model/high-availability.ts';
export * from './model/lite-topic.ts';
export * from './model/offset-store.ts';
export * from './model/queue-mapping.ts';
export * from './model/statistics.ts';
export * from './model/subscription-group.ts';
export * from './model/topic-config.ts';
export * from './model/check-client.ts';
export * from './model/cluster-info.ts';
export * from './model/consume-directly-result.ts';
export * from './model/consume-stats.ts';
export * from './model/consumer-connection.ts';
export * from './model/consumer-running-info.ts';
export * from './model/consumer-status.ts';
export * from './model/heartbeat-data.ts';
export * from './model/lock.ts';
export * from './model/message-queue.ts';
export * from './model/reset-offset.ts';
export * from './model/running-info-text.ts';
export * from './model/subscription-data.ts';
export * from './model/tables.ts';
export * from './model/topic-route-data.ts';
export * from './message/pop.ts';
export * from './message/recall-handle.ts';
export * from './message/trace-record.ts';
export * from './message/batch.ts';
export * from './message/compression.ts';
export * from './message/message-id.ts';
export * from './message/message.ts';
export * from './message/namespace.ts';
export * from './message/properties.ts';
export * from './message/stored-message.ts';
export * from './message/sys-flag.ts';
export * from './message/topic.ts';
export * from './describe/describe-frame.ts';
export type { BodyDescription, BytesDescription } from './describe/describe-body.ts';
export { REDACTED } from './describe/redact.ts';
export * from './acl/credentials.ts';
export * from './acl/signature.ts';
