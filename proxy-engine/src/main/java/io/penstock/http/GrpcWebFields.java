package io.penstock.http;

/**
 * What heads say of gRPC-Web, and how they become those of gRPC and back: PROTOCOL-WEB.md of the gRPC project. Its clients are
 * pages of browsers, which can neither read trailers nor send a {@code TE}, and some of them no octets but as Base64.
 */
public final class GrpcWebFields {
    private static final String GRPC = "application/grpc";
    private static final String GRPC_PROTO = "application/grpc+proto";
    private static final String WEB = "application/grpc-web";
    private static final String WEB_PROTO = "application/grpc-web+proto";
    private static final String TEXT = "application/grpc-web-text";
    private static final String TEXT_PROTO = "application/grpc-web-text+proto";
    private static final String CONTENT_TYPE = "content-type";
    private static final int OK = 200;

    /** How a body of gRPC-Web is written. */
    public enum Form {
        /** It is none. */
        NONE,
        /** As gRPC's own, with the trailers as a last frame. */
        BINARY,
        /** The same in Base64. */
        TEXT
    }

    private GrpcWebFields() {}

    /** In which form a request is a call of gRPC-Web. */
    public static Form formOf(RequestHead request) {
        if (request.method() != Method.POST) {
            return Form.NONE;
        }
        return formOf(request.fields(), request.fields().find(KnownField.CONTENT_TYPE));
    }

    /** In which form the caller wants its answer: as {@code Accept} says, or as it asks. */
    public static Form wantedBy(RequestHead request, Form asked) {
        Fields fields = request.fields();
        Form accepted = formOf(fields, fields.find(KnownField.ACCEPT));
        return accepted == Form.NONE ? asked : accepted;
    }

    private static Form formOf(Fields fields, int field) {
        if (field < 0 || !fields.valueStartsWithIgnoreCase(field, WEB)) {
            return Form.NONE;
        }
        if (ends(fields, field, WEB.length())) {
            return Form.BINARY;
        }
        return fields.valueStartsWithIgnoreCase(field, TEXT) && ends(fields, field, TEXT.length())
                ? Form.TEXT
                : Form.NONE;
    }

    private static boolean ends(Fields fields, int field, int length) {
        if (fields.valueLength(field) == length) {
            return true;
        }
        byte next = fields.bytes()[fields.valueOffset(field) + length];
        return next == '+' || next == ';' || next == ' ' || next == ',';
    }

    /** Makes a call of gRPC-Web one of gRPC; {@code asked} is its form. */
    public static void becomeCall(RequestHead request, Form asked) {
        Fields fields = request.fields();
        boolean isText = asked == Form.TEXT;
        int type = fields.find(KnownField.CONTENT_TYPE);
        if (fields.valueEqualsIgnoreCase(type, isText ? TEXT_PROTO : WEB_PROTO)) {
            fields.set(CONTENT_TYPE, GRPC_PROTO);
        } else {
            translate(fields, type, isText ? TEXT : WEB, GRPC);
        }
        if (isText && request.contentLength() > 0) {
            request.framing(-1, true);
        }
        request.takesTrailers = true;
    }

    /** Whether an answer is one of gRPC, so that its body can be told in other words. */
    public static boolean isAnswer(ResponseHead head) {
        Fields fields = head.fields();
        int type = fields.find(KnownField.CONTENT_TYPE);
        return head.status() == OK
                && type >= 0
                && fields.valueStartsWithIgnoreCase(type, GRPC)
                && ends(fields, type, GRPC.length());
    }

    /** Makes the head of an answer of gRPC one of gRPC-Web in a form. */
    public static void becomeWeb(ResponseHead head, Form wanted) {
        Fields fields = head.fields();
        boolean isText = wanted == Form.TEXT;
        int type = fields.find(KnownField.CONTENT_TYPE);
        if (fields.valueEqualsIgnoreCase(type, GRPC_PROTO)) {
            fields.set(CONTENT_TYPE, isText ? TEXT_PROTO : WEB_PROTO);
        } else {
            translate(fields, type, GRPC, isText ? TEXT : WEB);
        }
    }

    private static void translate(Fields fields, int type, String from, String to) {
        boolean isPlain = fields.valueLength(type) == from.length();
        fields.set(CONTENT_TYPE, isPlain ? to : to + fields.value(type).substring(from.length()));
    }

    /** Whether a field of a head is one that belongs to the trailers: what became of the call. */
    public static boolean isOutcome(Fields fields, int index) {
        return isNamed(fields, index, "grpc-status")
                || isNamed(fields, index, "grpc-message")
                || isNamed(fields, index, "grpc-status-details-bin");
    }

    private static boolean isNamed(Fields fields, int index, String lowerName) {
        return Octets.equalsIgnoreCase(fields.bytes(), fields.nameOffset(index), fields.nameLength(index), lowerName);
    }

    /** Appends a field as a line of a frame of trailers, its name in lower case. */
    public static void appendLine(Fields fields, int index, ByteBuilder into) {
        byte[] bytes = fields.bytes();
        int name = fields.nameOffset(index);
        for (int i = name; i < name + fields.nameLength(index); i++) {
            int octet = bytes[i];
            into.append((byte) (octet >= 'A' && octet <= 'Z' ? octet + 'a' - 'A' : octet));
        }
        into.append((byte) ':').append(bytes, fields.valueOffset(index), fields.valueLength(index));
        into.append((byte) '\r').append((byte) '\n');
    }

    /** Whether a field may stand among an answer's trailers. */
    public static boolean isTrailer(Fields trailers, int index) {
        return !TrailerRules.isDropped(trailers, index);
    }
}
