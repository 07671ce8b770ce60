/** Names of the scenario. */
export const orderTopic = 'ShutdownExampleOrders';
export const receiptTopic = 'ShutdownExampleReceipts';
export const orderCount = 24;
