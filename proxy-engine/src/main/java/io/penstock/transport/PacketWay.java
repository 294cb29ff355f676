package io.penstock.transport;

import io.netty.channel.unix.Socket;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The way back to the connections of a UDP socket that another process reads from now on: what comes for them is passed on here.
 * Goes over with the sockets; {@link #name} says whose it is, and under which secrets ids and tokens are made.
 */
public final class PacketWay implements HandedSocket {
    /** In place of a listener's name. */
    public static final String LISTENER = "";

    private static final String KIND = "quic";

    private final int number;
    private final QuicSecrets secrets;
    private final Socket socket;

    PacketWay(int number, QuicSecrets secrets, Socket socket) {
        this.number = number;
        this.secrets = secrets;
        this.socket = socket;
    }

    /** In place of a listener's address. Whoever reads it can tell whose connection an id means: for the other process only. */
    public String name() {
        return KIND + " " + Integer.toHexString(number) + " " + secrets.text();
    }

    /** One that was handed over; empty where it is none. */
    static Optional<PacketWay> of(String name, int descriptor) {
        String[] words = name.split(" ", -1);
        if (words.length != 3 || !words[0].equals(KIND)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new PacketWay(HexFormat.fromHexDigits(words[1]), QuicSecrets.of(words[2]), new Socket(descriptor)));
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    /** What stands in the ids of its connections. */
    int number() {
        return number;
    }

    QuicSecrets secrets() {
        return secrets;
    }

    Socket socket() {
        return socket;
    }

    @Override
    public int descriptor() {
        return socket.intValue();
    }
}
