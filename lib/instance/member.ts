/** A client that takes part in an instance. Keep the object: {@link ClientInstance.release} wants the same one. */
export interface Member {
  readonly kind: 'producer' | 'consumer' | 'admin';
  /** Producer or consumer group; of an admin client any name. */
  readonly group: string;
  /** Of a consumer. Broadcasting keeps the instance name `DEFAULT`. Default `CLUSTERING`. */
  readonly messageModel?: 'CLUSTERING' | 'BROADCASTING';
}
