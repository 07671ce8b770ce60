package rmq;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What this process has used. */
final class Cpu {
    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private Cpu() {
    }

    /** CPU time of all threads since the start, in microseconds. */
    static long micros() {
        return SYSTEM.getProcessCpuTime() / 1000;
    }

    static double round(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
