/** Names of the scenario. */
export const topic = 'LoadBalanceTopic';
export const consumerGroup = 'LoadBalanceConsumerGroup';
export const producerGroup = 'LoadBalanceProducerGroup';
export const queueCount = 4;
export const messageCount = 10;
