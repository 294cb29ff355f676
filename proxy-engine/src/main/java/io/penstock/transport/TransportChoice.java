package io.penstock.transport;

/** Which system interface the operator wants loops to run on. */
public enum TransportChoice {
    /** The best that works on this machine: io_uring, then epoll, then NIO. */
    AUTO("auto"),
    IO_URING("io_uring"),
    EPOLL("epoll"),
    NIO("nio");

    private final String text;

    TransportChoice(String text) {
        this.text = text;
    }

    /** The word the operator writes. */
    public String text() {
        return text;
    }

    /**
     * The choice of that word.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static TransportChoice parse(String text) {
        for (TransportChoice choice : values()) {
            if (choice.text.equals(text)) {
                return choice;
            }
        }
        throw new IllegalArgumentException(
                "transport \"" + text + "\" is not known; wanted one of auto, io_uring, epoll, nio, for example auto");
    }
}
