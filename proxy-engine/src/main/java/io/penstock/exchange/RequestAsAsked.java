package io.penstock.exchange;

import io.penstock.exchange.facts.RequestIdText;
import io.penstock.http.AddressText;
import io.penstock.http.Fields;
import io.penstock.http.KnownField;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.AccessRecord;
import io.penstock.metrics.AccessText;
import io.penstock.snapshot.HiddenParameters;
import io.penstock.transport.tls.TlsFacts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client asked, and how it came, as the access record tells it: without what filters made of it since. */
@WorkerConfined
final class RequestAsAsked {
    private static final int IPV4_BYTES = 4;

    private final RequestIdText id = new RequestIdText();

    // Where the client's own path and host lie: a rewrite appends others behind them, and records show what was asked.
    private int pathOffset;
    private int pathLength;
    private int authorityOffset;
    private int authorityLength;
    private boolean isHeadComplete;
    private byte[] clientAddress = {};
    private byte[] protocol = {};
    private @Nullable TlsFacts tls;

    RequestIdText id() {
        return id;
    }

    boolean isHeadComplete() {
        return isHeadComplete;
    }

    void begin(DownstreamStream stream) {
        protocol = stream.protocol();
        tls = stream.tls();
        // A head that cannot be read says nothing of who is behind the peer.
        clientAddress = stream.peer().bytes();
    }

    void headComplete(RequestHead head, byte[] canonicalClientAddress, byte[] spokenProtocol) {
        isHeadComplete = true;
        pathOffset = head.pathOffset();
        pathLength = head.pathLength();
        authorityOffset = head.authorityOffset();
        authorityLength = head.authorityLength();
        clientAddress = canonicalClientAddress;
        protocol = spokenProtocol;
    }

    /** Nothing goes on by this head any more: what is hidden is taken out of it. */
    void writeTo(AccessRecord record, RequestHead head, HiddenParameters hidden) {
        List<String> names = hidden.names();
        if (head.queryLength() > 0) {
            for (int i = 0; i < names.size(); i++) {
                head.removeQueryParameter(names.get(i));
            }
        }
        record.text(AccessText.REQUEST_ID, id.bytes(), 0, id.length()).text(AccessText.PROTOCOL, protocol);
        int prefix = AddressText.isV4(clientAddress) ? AddressText.BYTES - IPV4_BYTES : 0;
        record.text(AccessText.CLIENT_ADDRESS, clientAddress, prefix, AddressText.BYTES - prefix);
        byte[] bytes = head.bytes();
        record.text(AccessText.METHOD, bytes, head.methodOffset(), head.methodLength());
        record.text(AccessText.HOST, bytes, authorityOffset, authorityLength);
        record.text(AccessText.PATH, bytes, pathOffset, pathLength);
        record.text(AccessText.QUERY, bytes, head.queryOffset(), head.queryLength());
        field(record, AccessText.USER_AGENT, head.fields(), KnownField.USER_AGENT);
        referer(record, head.fields(), !names.isEmpty());
        TlsFacts secure = tls;
        if (secure != null) {
            record.text(AccessText.TLS_VERSION, secure.versionBytes());
            record.text(AccessText.SERVER_NAME, secure.serverNameBytes());
        }
    }

    // The page that a request comes from may have been asked for with a key.
    private static void referer(AccessRecord record, Fields fields, boolean hidesQueries) {
        int index = fields.find(KnownField.REFERER);
        if (index >= 0) {
            int offset = fields.valueOffset(index);
            int end = offset + fields.valueLength(index);
            int mark = offset;
            while (mark < end && !(hidesQueries && fields.bytes()[mark] == '?')) {
                mark++;
            }
            record.text(AccessText.REFERER, fields.bytes(), offset, mark - offset);
        }
    }

    private static void field(AccessRecord record, AccessText text, Fields fields, KnownField known) {
        int index = fields.find(known);
        if (index >= 0) {
            record.text(text, fields.bytes(), fields.valueOffset(index), fields.valueLength(index));
        }
    }

    void reset() {
        pathOffset = 0;
        pathLength = 0;
        authorityOffset = 0;
        authorityLength = 0;
        isHeadComplete = false;
        tls = null;
    }
}
