package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The head of one request: its bytes, copied once, and offsets into them. Reused for one request after another.
 *
 * <p>What routing, logs and the upstream see is the canonical form, computed once: {@link #path()}, {@link #host()}.
 * Offsets hold for the array of {@link #bytes()}, which edits may replace.
 */
@WorkerConfined
public final class RequestHead {
    private static final int INITIAL_BYTES = 2048;

    private final ByteBuilder region = new ByteBuilder(INITIAL_BYTES);
    private final Fields fields = new Fields(region);
    private final Forwarding forwarding = new Forwarding();
    private final TargetEdits edits = new TargetEdits(this, region);

    Method method = Method.OTHER;
    int methodOffset;
    int methodLength;
    int targetOffset;
    int targetLength;
    TargetForm form = TargetForm.ORIGIN;
    int pathOffset;
    int pathLength;
    int queryOffset;
    int queryLength;
    boolean hasQuery;
    boolean hasEncodedSlash;
    int authorityOffset;
    int authorityLength;
    int receivedAuthorityOffset;
    int receivedAuthorityLength;
    int hostOffset;
    int hostLength;
    int port;
    int minorVersion;
    long contentLength;
    boolean isChunked;
    boolean isKeepAlive;
    boolean expectsContinue;
    boolean isUpgrade;
    boolean takesTrailers;
    boolean isExtendedConnect;

    /** The shapes of a request target, RFC 9112 section 3.2. */
    public enum TargetForm {
        /** A path, perhaps with a query. */
        ORIGIN,
        /** A whole URI; its authority agrees with Host. */
        ABSOLUTE,
        /** {@code host:port}, of CONNECT only. The path is empty. */
        AUTHORITY,
        /** {@code *}, of OPTIONS only. The path is {@code *}. */
        ASTERISK
    }

    /** Makes an empty head. */
    public RequestHead() {
        clear();
    }

    /** No body follows, which was not known when it was read. */
    public void endsHere() {
        isChunked = false;
        expectsContinue = false;
    }

    /** Makes it empty for the next request, and gives unusually large memory back. */
    public void clear() {
        region.clear();
        fields.clear();
        forwarding.clear();
        edits.clear();
        method = Method.OTHER;
        form = TargetForm.ORIGIN;
        methodOffset = methodLength = targetOffset = targetLength = 0;
        pathOffset = pathLength = queryOffset = queryLength = 0;
        hasQuery = hasEncodedSlash = false;
        authorityOffset = authorityLength = receivedAuthorityOffset = receivedAuthorityLength = 0;
        hostOffset = hostLength = 0;
        port = -1;
        minorVersion = 1;
        contentLength = -1;
        isChunked = expectsContinue = isUpgrade = takesTrailers = isExtendedConnect = false;
        isKeepAlive = true;
    }

    /** Makes this a copy of another head, which may go on and end as it likes. Framing is copied, expectations are not. */
    public void copyFrom(RequestHead other) {
        clear();
        region.append(other.region.array(), 0, other.region.length());
        fields.takeTable(other.fields);
        forwarding.copyFrom(other.forwarding);
        method = other.method;
        methodOffset = other.methodOffset;
        methodLength = other.methodLength;
        targetOffset = other.targetOffset;
        targetLength = other.targetLength;
        form = other.form;
        pathOffset = other.pathOffset;
        pathLength = other.pathLength;
        queryOffset = other.queryOffset;
        queryLength = other.queryLength;
        hasQuery = other.hasQuery;
        hasEncodedSlash = other.hasEncodedSlash;
        authorityOffset = other.authorityOffset;
        authorityLength = other.authorityLength;
        receivedAuthorityOffset = other.receivedAuthorityOffset;
        receivedAuthorityLength = other.receivedAuthorityLength;
        hostOffset = other.hostOffset;
        hostLength = other.hostLength;
        port = other.port;
        contentLength = other.contentLength;
        isChunked = other.isChunked;
    }

    /** How many bytes a copy takes. */
    public int size() {
        return region.length();
    }

    ByteBuilder region() {
        return region;
    }

    /** The bytes that all offsets refer to; replaced by edits. */
    public byte[] bytes() {
        return region.array();
    }

    /** The field lines, all but those that Connection named. */
    public Fields fields() {
        return fields;
    }

    /** What the exchange decides about the fields that are made anew for the upstream. */
    public Forwarding forwarding() {
        return forwarding;
    }

    /** The method, or {@link Method#OTHER}: then the token says which. */
    public Method method() {
        return method;
    }

    /** Where the method's token begins. */
    public int methodOffset() {
        return methodOffset;
    }

    /** How long the method's token is. */
    public int methodLength() {
        return methodLength;
    }

    /** Where the target as received begins. */
    public int targetOffset() {
        return targetOffset;
    }

    /** How long the target as received is. */
    public int targetLength() {
        return targetLength;
    }

    /** Which shape the target had. */
    public TargetForm targetForm() {
        return form;
    }

    /** Where the canonical path begins. */
    public int pathOffset() {
        return pathOffset;
    }

    /** How long the canonical path is. */
    public int pathLength() {
        return pathLength;
    }

    /** Whether the canonical path holds %2F, %5C or %25, which the chosen route must allow. */
    public boolean hasEncodedSlash() {
        return hasEncodedSlash;
    }

    /** Whether the target has a query, perhaps an empty one. */
    public boolean hasQuery() {
        return hasQuery;
    }

    /** Where the query begins, behind the question mark, as received. */
    public int queryOffset() {
        return queryOffset;
    }

    /** How long the query is. */
    public int queryLength() {
        return queryLength;
    }

    /** Where the host for the upstream begins, with its port as received: what goes into Host. */
    public int authorityOffset() {
        return authorityOffset;
    }

    /** How long the host for the upstream is; 0 where an HTTP/1.0 request named none. */
    public int authorityLength() {
        return authorityLength;
    }

    /** Where the canonical host begins: lower case, without port and final dot, an IPv6 address in brackets. */
    public int hostOffset() {
        return hostOffset;
    }

    /** How long the canonical host is. */
    public int hostLength() {
        return hostLength;
    }

    /** The port that the client named beside the host, or -1. */
    public int port() {
        return port;
    }

    /** 1 for HTTP/1.1, 0 for HTTP/1.0. */
    public int minorVersion() {
        return minorVersion;
    }

    /** The declared length of the body in bytes, or -1 if none is declared. */
    public long contentLength() {
        return contentLength;
    }

    /** Whether the body comes in chunks. */
    public boolean isChunked() {
        return isChunked;
    }

    /** Whether a body follows. */
    public boolean hasBody() {
        return isChunked || contentLength > 0;
    }

    /** Whether the client's connection may carry another request after this one. */
    public boolean isKeepAlive() {
        return isKeepAlive;
    }

    /** Whether the client waits for a 100 before it sends the body. */
    public boolean expectsContinue() {
        return expectsContinue;
    }

    /** Whether the client asks for another protocol; Upgrade names it. */
    public boolean isUpgrade() {
        return isUpgrade;
    }

    /** Whether it came as a CONNECT of HTTP/2 that names its protocol (RFC 8441): an upgrade whose success is any 2xx. */
    public boolean isExtendedConnect() {
        return isExtendedConnect;
    }

    /** Whether the client said {@code TE: trailers}. */
    public boolean takesTrailers() {
        return takesTrailers;
    }

    /** The canonical path as a text; allocates. */
    public String path() {
        return text(pathOffset, pathLength);
    }

    /** The query as a text, empty if there is none; allocates. */
    public String query() {
        return text(queryOffset, queryLength);
    }

    /** The canonical host as a text; allocates. */
    public String host() {
        return text(hostOffset, hostLength);
    }

    /** The host for the upstream as a text; allocates. */
    public String authority() {
        return text(authorityOffset, authorityLength);
    }

    /** The method's token as a text; allocates. */
    public String methodToken() {
        return text(methodOffset, methodLength);
    }

    private String text(int offset, int length) {
        return new String(region.array(), offset, length, StandardCharsets.ISO_8859_1);
    }

    /**
     * Says how the body goes on to the upstream.
     *
     * @param length in bytes, or -1; not together with chunks
     */
    public void framing(long length, boolean chunked) {
        if (length < -1 || (length >= 0 && chunked)) {
            throw new IllegalArgumentException("length " + length + " with chunked " + chunked);
        }
        contentLength = length;
        isChunked = chunked;
    }

    /**
     * Puts another path in the place of the canonical one and normalises it again. The query stays.
     *
     * @param path begins with a slash; without a query
     * @return whether it is acceptable; if not, nothing has changed
     */
    public boolean rewritePath(String path) {
        return edits.path(path);
    }

    /** As {@link #rewritePath(String)}, from bytes that may be those of {@link #bytes()}. */
    public boolean rewritePath(byte[] source, int offset, int length) {
        return edits.path(source, offset, length);
    }

    /**
     * Puts another query in the place of the one received.
     *
     * @param query without its question mark, of visible characters, without a number sign; empty for none
     * @return whether it is acceptable; if not, nothing has changed
     */
    public boolean rewriteQuery(String query) {
        return edits.query(query);
    }

    /**
     * Names another host for the upstream. What routing and logs see stays, and so does X-Forwarded-Host.
     *
     * @param authority {@code host} or {@code host:port}
     * @return whether it is acceptable; if not, nothing has changed
     */
    public boolean rewriteAuthority(String authority) {
        return edits.authority(authority);
    }

    /** Finishes the parser's work on path and query. */
    boolean takePath(int offset, int length, Refusal refusal) {
        return edits.takePath(offset, length, refusal);
    }

    /** Notes the host that the client named, whose grammar {@code rules} have just read. */
    void takeAuthority(Authority rules, int offset, int length) {
        edits.takeAuthority(rules, offset, length);
    }

    /**
     * Appends the decoded value of the first query parameter of a name.
     *
     * @return how many parameters have the name
     */
    public int queryParameter(String name, ByteBuilder into) {
        return QueryPairs.find(this, name, into);
    }

    /** Path and query as they were received, whatever became of them since. */
    public String target() {
        String target = text(targetOffset, targetLength);
        if (form != TargetForm.ABSOLUTE) {
            return target;
        }
        int path = target.indexOf('/', target.indexOf("://") + 3);
        int mark = target.indexOf('?');
        return path < 0 || (mark >= 0 && mark < path)
                ? "/" + (mark < 0 ? "" : target.substring(mark))
                : target.substring(path);
    }

    /** Takes all query parameters of a name out. */
    public void removeQueryParameter(String name) {
        QueryPairs.remove(this, name);
    }

    /** One line for messages and debuggers: method, path, host; no query, no fields. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s %s (%s)", methodToken(), path(), host());
    }
}
