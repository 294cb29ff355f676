package io.penstock.http2;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The other end of a connection by HTTP/2 that answers each request once all of it has come. */
@FunctionalInterface
public interface Http2Responder {
    /** The frames of the answer to a stream's request, its end among them. */
    Http2Wire answer(Http2Answers asked, int streamId);

    /** Answers until the peer has ended the connection. */
    default void serve(Socket socket) throws IOException {
        socket.getInputStream().readNBytes(Http2Wire.PREFACE.length());
        socket.getOutputStream().write(new Http2Wire().settings().settingsAck().take());
        Http2Answers asked = new Http2Answers();
        byte[] part = new byte[16 * 1024];
        int answered = 0;
        for (int count = socket.getInputStream().read(part);
                count >= 0;
                count = socket.getInputStream().read(part)) {
            asked.sent(new String(part, 0, count, StandardCharsets.ISO_8859_1));
            List<Http2Answers.Frame> ended =
                    asked.frames().stream().filter(Http2Answers.Frame::isLast).toList();
            for (; answered < ended.size(); answered++) {
                socket.getOutputStream()
                        .write(answer(asked, ended.get(answered).streamId()).take());
            }
        }
    }
}
