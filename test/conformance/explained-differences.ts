/** Differences between the table and Java's classes that are meant, by how they are described, each with its reason. */
const EXPLAINED: readonly (readonly [difference: RegExp, reason: string])[] = [
  [
    /EndTransactionRequestHeader\.fromTransactionCheck: required here/,
    'Java gives it a value from the start, so that every Java client writes it',
  ],
  [
    /DeleteSubscriptionGroupRequestHeader\.removeOffset: not in the table/,
    'renamed to cleanOffset in 4.9.8 and 5.0; a server that does not know the name keeps the offsets, as without it',
  ],
  [
    /GetBrokerConfigResponseHeader\.version: optional here/,
    'a broker that fails answers without it; the mark is only checked by the reader',
  ],
  [
    /(GetAllSubscriptionGroup|GetAllTopicConfig)(Request|Response)Header\.\w+: optional here/,
    'paging came with 5.3.3: requests without it are answered whole, and brokers before answer without a total',
  ],
  [
    /SendMessageRequestHeaderV2\.(bname|lo|oway|ns|nsd): not in the table/,
    "Java's own encoder of this header leaves the inherited fields out; the broker name travels as n",
  ],
  [
    /ConsumeMessageDirectlyResultRequestHeader\.(bname|lo|oway|ns|nsd): not in the table/,
    'inherited since 5.0, and set by nobody: the broker sends it to a client that it knows',
  ],
  [/messageSysFlags TRANSACTION_NOT_TYPE/, 'zero: no bit at all'],
  [/property KEY_SEPARATOR/, 'the blank between keys, not the name of a property'],
  [/property INDEX_(KEY|UNIQUE|TAG)_TYPE/, 'a value of the field indexType of QUERY_MESSAGE'],
  [/property TIMER_ENGINE_(FILE_TIME_WHEEL|ROCKSDB_TIMELINE)/, 'a value of the property TIMER_ENGINE_TYPE'],
  [/property PROPERTY_TRANSIENT_PREFIX/, 'the beginning of two names that are here'],
  [
    /4\.9\.7 response code \w+ACL\w+_FAILED|4\.9\.7 response code UPDATE_GLOBAL_WHITE_ADDRS_CONFIG_FAILED/,
    '209 to 211 have another meaning since 5.0, which took ACL 1.0 away later',
  ],
  [/version V3_0_0_/, 'pre-releases of 2013; describeVersion calls all of them V3_0_0'],
  [/^HeartbeatResponse: only here/, 'Java has no class for it: the broker puts the fields into the map'],
  [
    /^QueryMessageRequestHeader\._UNIQUE_KEY_QUERY: only here/,
    'Java puts it into the map beside the header (MixAll.UNIQUE_MSG_QUERY_FLAG)',
  ],
  [
    /^SendMessageResponseHeader\.(MSG_REGION|TRACE_ON): only here/,
    'Java puts it into the map beside the header',
  ],
  [
    /^request code (BROKER_CLOSE_CHANNEL|CHECK_NOT_ACTIVE_BROKER|GET_BROKER_LIVE_INFO|GET_SYNC_STATE_DATA|RAFT_BROKER_HEART_BEAT_EVENT)_REQUEST: only here/,
    'codes 1014 to 1018 are constants of the controller and not of RequestCode',
  ],
  [
    /^(SetCommitLogReadMode|SwitchTimerEngine): only here/,
    'Java has no class for it: administrators put the fields into the map',
  ],
  [
    /UpdateGlobalWhiteAddrsConfigRequestHeader\.aclFileFullPath: optional here/,
    'brokers before 4.9.4 do not know it',
  ],
];

/** Why a difference is meant; `undefined` when nobody has said so. */
export function explain(difference: string): string | undefined {
  return EXPLAINED.find(([pattern]) => pattern.test(difference))?.[1];
}

/** Explanations of what is no difference any more. */
export function staleExplanations(differences: readonly string[]): string[] {
  return EXPLAINED.filter(([pattern]) => !differences.some((difference) => pattern.test(difference))).map(
    ([pattern]) => pattern.source,
  );
}
