import { json } from '../schema/body.ts';
import type { Body } from '../schema/body.ts';
import { boolean, string } from '../schema/field.ts';

/** Fields of every broker request. A proxy finds the broker by `bname`; brokers need it for logical topics only. Java: `RpcRequestHeader`. */
export const rpcFields = {
  brokerName: string('bname').optional(),
  namespace: string('ns').optional(),
  namespaced: boolean('nsd').optional(),
  /** One-way between brokers. */
  oneway: boolean('oway').optional(),
};

/** {@link rpcFields}, and whether the queue numbers are logical (absent counts as true). Java: `TopicRequestHeader`. */
export const topicFields = { ...rpcFields, logical: boolean('lo').optional() };

/** A JSON body without a class in Java: the parsed document. */
export const document = (typeName: string): Body<unknown> => json(typeName, (value) => value);
