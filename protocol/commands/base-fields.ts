import { json } from '../schema/body.ts';
import type { Body } from '../schema/body.ts';
import { boolean, string } from '../schema/field.ts';

/**
 * Fields of every broker request, in the order of Java's fast encoders. A proxy finds the broker by `bname`; brokers
 * need it for logical topics only. Java: `RpcRequestHeader`.
 */
export const rpcFields = {
  namespace: string('ns').optional(),
  namespaced: boolean('nsd').optional(),
  brokerName: string('bname').optional(),
  /** One-way between brokers. */
  oneway: boolean('oway').optional(),
};

/** {@link rpcFields}, and whether the queue numbers are logical (absent counts as true). Java: `TopicRequestHeader`. */
export const topicFields = { logical: boolean('lo').optional(), ...rpcFields };

/** A JSON body without a class in Java: the parsed document. */
export const document = (typeName: string): Body<unknown> => json(typeName, (value) => value);
