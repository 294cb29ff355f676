package io.penstock.filter;

import io.penstock.config.BodyMisfit;
import io.penstock.config.FilterConfig;
import io.penstock.config.JsonBodyEdits;
import io.penstock.config.JsonBodyFilterConfig;
import io.penstock.config.JsonTree;
import io.penstock.http.Fields;
import io.penstock.metrics.Reason;
import io.penstock.spi.BodyReader;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/**
 * Changes JSON bodies by pointer, and makes JSON of XML. The body is read whole, within a bound, and without its content coding,
 * which the gateway does again. What is neither JSON nor, where that is wanted, XML by its Content-Type goes on untouched.
 */
public final class JsonBodyFilter implements PreparedFilter {
    private static final BodyTypes JSON = new BodyTypes(List.of("application/json", "text/json", "*/*+json"));
    private static final BodyTypes XML = new BodyTypes(List.of("application/xml", "text/xml", "*/*+xml"));
    private static final int FIRST_REDIRECT = 300;
    private static final int PARTIAL = 206;

    private final JsonBodyFilterConfig config;
    private final JsonEdits request;
    private final JsonEdits response;

    private JsonBodyFilter(JsonBodyFilterConfig config) throws FilterRefusedException {
        this.config = config;
        this.request = new JsonEdits(config.request());
        this.response = new JsonEdits(config.response());
    }

    /** The provider of {@code type: jsonBody}. */
    public static FilterProvider provider() {
        return new FilterProvider() {
            @Override
            public Class<? extends FilterConfig> configType() {
                return JsonBodyFilterConfig.class;
            }

            @Override
            public PreparedFilter prepare(FilterConfig config) throws FilterRefusedException {
                return new JsonBodyFilter((JsonBodyFilterConfig) config);
            }
        };
    }

    @Override
    public String name() {
        return "jsonBody";
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.TRANSFORM;
    }

    @Override
    public boolean hasRequestHook() {
        return !config.request().isEmpty();
    }

    @Override
    public boolean hasResponseHook() {
        return !config.response().isEmpty();
    }

    @Override
    public boolean decodesBody() {
        return true;
    }

    @Override
    public Filter open(WorkerId worker) {
        return new Editor();
    }

    /** One worker's, for its reader of XML. */
    private final class Editor implements Filter {
        private final XmlTree xml = new XmlTree();
        private final Template.Filler filler = new Template.Filler();

        @Override
        public Verdict onRequest(RequestView view, FilterCall call) {
            return read(
                    config.request(),
                    view.fields(),
                    call,
                    new Work(call, request, () -> call.request().fields(), Reason.MALFORMED_BODY));
        }

        @Override
        public Verdict onResponse(ResponseView view, FilterCall call) {
            if (view.status() >= FIRST_REDIRECT || view.status() == PARTIAL) {
                return Verdict.CONTINUE;
            }
            return read(
                    config.response(),
                    view.fields(),
                    call,
                    new Work(call, response, view::fields, Reason.UPSTREAM_MALFORMED_BODY));
        }

        private Verdict read(JsonBodyEdits edits, Fields fields, FilterCall call, Work work) {
            int type = fields.find("content-type");
            String value = type < 0 ? "" : fields.value(type);
            work.isXml = edits.fromXml() && XML.have(value);
            if (isSeveral(fields, type)) {
                return mayBeMeant(edits, fields) ? work.misfit("it has several media types") : Verdict.CONTINUE;
            }
            boolean isPassed = config.onTooLarge() == BodyMisfit.PASS && isLonger(fields);
            if (isPassed || !(work.isXml || JSON.have(value))) {
                return Verdict.CONTINUE;
            }
            work.ticket = call.suspend();
            call.readBody((int) config.bodyMax().bytes(), work);
            return Verdict.SUSPENDED;
        }

        private static boolean isSeveral(Fields fields, int type) {
            return type >= 0
                    && (fields.find("content-type", type + 1) >= 0
                            || fields.value(type).indexOf(',') >= 0);
        }

        // Of several readers one may take the body for what is edited here, and another not.
        private static boolean mayBeMeant(JsonBodyEdits edits, Fields fields) {
            for (int at = fields.find("content-type"); at >= 0; at = fields.find("content-type", at + 1)) {
                for (String one : fields.value(at).split(",", -1)) {
                    if (JSON.have(one.strip()) || (edits.fromXml() && XML.have(one.strip()))) {
                        return true;
                    }
                }
            }
            return false;
        }

        private boolean isLonger(Fields fields) {
            int at = fields.find("content-length");
            try {
                return at >= 0
                        && Long.parseLong(fields.value(at)) > config.bodyMax().bytes();
            } catch (NumberFormatException never) {
                return false;
            }
        }

        /** One body. */
        private final class Work implements BodyReader {
            private final FilterCall call;
            private final JsonEdits edits;
            private final Supplier<Fields> fields;
            private final Reason malformed;
            private boolean isXml;
            private long ticket;

            Work(FilterCall call, JsonEdits edits, Supplier<Fields> fields, Reason malformed) {

                this.call = call;
                this.edits = edits;
                this.fields = fields;
                this.malformed = malformed;
            }

            @Override
            public void complete(byte[] body) {
                call.worker().resume(ticket, body.length == 0 ? Verdict.CONTINUE : changed(body));
            }

            // What the verdict says does not count: the exchange is refused for the body.
            @Override
            public void tooLarge() {
                call.worker().resume(ticket, Verdict.CONTINUE);
            }

            private Verdict changed(byte[] body) {
                Object document;
                try {
                    document = isXml ? xml.parse(body) : JsonTree.parse(body);
                } catch (JsonTree.MalformedException | XmlTree.MalformedException broken) {
                    return misfit(String.valueOf(broken.getMessage()));
                }
                Object result = edits.apply(document, call, filler);
                if (result == null) {
                    return new Verdict.Failed(
                            Reason.TEMPLATE_REFUSED, "a value of the request is too long for a JSON body");
                }
                StringBuilder text = new StringBuilder(body.length + 256);
                JsonTree.write(result, text);
                call.body(text.toString().getBytes(StandardCharsets.UTF_8));
                if (isXml) {
                    fields.get().set("Content-Type", "application/json");
                }
                return Verdict.CONTINUE;
            }

            private Verdict misfit(String why) {
                return config.onMalformed() == BodyMisfit.PASS
                        ? Verdict.CONTINUE
                        : new Verdict.Failed(
                                malformed, "the body is no acceptable " + (isXml ? "XML: " : "JSON: ") + why);
            }
        }
    }
}
