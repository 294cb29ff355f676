package io.penstock.transport;

import io.netty.channel.unix.Errors;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the causes of failed system calls. Netty and the JDK give the error number only as text, in most places. */
final class ConnectFailure {
    private ConnectFailure() {}

    static CloseCause causeOf(@Nullable Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (isExhaustion(t)) {
                return CloseCause.EXHAUSTED;
            }
            String text = textOf(t);
            if (text.contains("timed out")) {
                return CloseCause.CONNECT_TIMEOUT;
            }
            if (t instanceof NoRouteToHostException
                    || t instanceof PortUnreachableException
                    || text.contains("unreachable")
                    || text.contains("no route")
                    || text.contains("is down")
                    || text.contains("permission denied")
                    || text.contains("not permitted")) {
                return CloseCause.CONNECT_UNREACHABLE;
            }
            // A unix socket whose file is not there is as refused as a port that nobody listens on.
            if (t instanceof ConnectException || t instanceof FileNotFoundException) {
                return CloseCause.CONNECT_REFUSED;
            }
        }
        return failure instanceof IOException ? CloseCause.RESET : CloseCause.CONNECT_UNREACHABLE;
    }

    /** Whether the process or the machine is out of something: descriptors, local ports, buffers. */
    static boolean isExhaustion(Throwable failure) {
        if (failure instanceof OutOfMemoryError) {
            return true;
        }
        String text = textOf(failure);
        return text.contains("too many open files")
                || text.contains("cannot assign requested address")
                || text.contains("no buffer space")
                || text.contains("cannot allocate memory")
                || (failure instanceof Errors.NativeIoException && text.contains("resource temporarily unavailable"));
    }

    private static String textOf(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? "" : message.toLowerCase(Locale.ROOT);
    }
}
