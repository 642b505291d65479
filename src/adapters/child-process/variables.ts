/** Environment variables by which the parent tells its process what the watchdog guards. */
export const PARENT_PID_VARIABLE = 'LIFO4_ORDER_PARENT_PID';
export const RSS_LIMIT_VARIABLE = 'LIFO4_ORDER_RSS_LIMIT_BYTES';
