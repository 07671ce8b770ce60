import type { Member, MemberBuilder } from '../schema/shape.ts';
import { readSubscriptionData, subscriptionDocument } from './subscription-data.ts';
import type { SubscriptionData } from './subscription-data.ts';

const base = {
  read: readSubscriptionData,
  write: (value: SubscriptionData): string => JSON.stringify(subscriptionDocument(value)),
};

/** A subscription as a member of other bodies. */
export const subscriptionDataMember: Member<SubscriptionData> &
  Pick<MemberBuilder<SubscriptionData>, 'optional'> = {
  ...base,
  present: true,
  optional: () => ({ ...base, present: false }),
};
