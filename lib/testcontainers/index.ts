export { RocketMQContainer, StartedRocketMQContainer, type BrokerConfig } from './rocketmq-container.ts';
