package io.penstock.filter;

import io.penstock.config.ErrorMatch;
import io.penstock.config.ErrorPageConfig;
import io.penstock.http.Fields;
import io.penstock.http.KnownField;
import io.penstock.mark.SharedByWorkers;
import io.penstock.metrics.Reason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The error pages of a route, compiled: which one is for which error, and what of it a client wants. Of several pages for one
 * error the one that names it most closely is taken: by reason, by status, by class; then the first. Immutable.
 */
@SharedByWorkers
public final class ErrorPages {
    private static final int FIRST = 400;
    private static final int LAST = 599;

    private static final Page NOTHING = new Page(List.of(), false, Optional.empty(), Optional.empty());

    /** None at all. */
    public static final ErrorPages NONE = new ErrorPages(List.of());

    private final Map<Reason, Page> byReason = new EnumMap<>(Reason.class);
    private final List<Page> byStatus;
    private final List<Page> ofUpstreams;

    /**
     * What an error says of itself.
     *
     * @param status the client sees
     * @param title of the status
     * @param reason code, or {@code upstream} for an answer that an upstream gave
     * @param detail one sentence
     */
    public record Said(int status, String title, String reason, String requestId, String detail) {}

    /**
     * A page as one client gets it.
     *
     * @param contentType of the body
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared; handed to the channel as it is.
    public record Shown(String contentType, byte[] body) {}

    private record Page(
            List<ErrorMatch> covers, boolean isForUpstreams, Optional<PageText> html, Optional<PageText> json) {
        static Page of(ErrorPageConfig config) {
            return new Page(
                    config.covers(),
                    config.upstream(),
                    config.html().map(text -> PageText.of(text, PageText.Language.HTML)),
                    config.json().map(text -> PageText.of(text, PageText.Language.JSON)));
        }
    }

    private ErrorPages(List<ErrorPageConfig> configs) {
        List<Page> pages = configs.stream().map(Page::of).toList();
        for (Reason reason : Reason.values()) {
            find(pages, each -> each.isReason(reason.code())).ifPresent(page -> byReason.put(reason, page));
        }
        byStatus = byStatus(pages);
        ofUpstreams = byStatus(pages.stream().filter(Page::isForUpstreams).toList());
    }

    private static List<Page> byStatus(List<Page> asked) {
        List<Page> pages = new ArrayList<>();
        for (int code = FIRST; code <= LAST; code++) {
            int status = code;
            pages.add(find(asked, each -> each.isStatus(status))
                    .or(() -> find(asked, each -> each.isClassOf(status)))
                    .orElse(NOTHING));
        }
        return pages;
    }

    /** Compiles pages, in the order in which they are asked. */
    public static ErrorPages of(List<ErrorPageConfig> configs) {
        return configs.isEmpty() ? NONE : new ErrorPages(configs);
    }

    private static Optional<Page> find(List<Page> pages, Predicate<ErrorMatch> isFor) {
        return pages.stream()
                .filter(page -> page.covers().stream().anyMatch(isFor))
                .findFirst();
    }

    /** Whether a page is for this very reason. */
    public boolean names(Reason reason) {
        return byReason.containsKey(reason);
    }

    /** What a client is shown of a refusal of the gateway's own; null for what it is shown without pages. */
    public @Nullable Shown ofOwn(Reason reason, Said said, Fields request) {
        Page page = byReason.get(reason);
        return shown(page == null ? byStatus.get(said.status() - FIRST) : page, said, request);
    }

    /** What a client is shown in the place of an upstream's error; null for the upstream's own. */
    public @Nullable Shown ofUpstream(Said said, Fields request) {
        int at = said.status() - FIRST;
        return at < 0 || at >= ofUpstreams.size() ? null : shown(ofUpstreams.get(at), said, request);
    }

    // What a client asks for by name decides, HTML before JSON, as a browser's list has both; who takes anything gets
    // JSON
    // where there is one, since that is how programs ask.
    private static @Nullable Shown shown(Page page, Said said, Fields request) {
        if (page.html().isEmpty() && page.json().isEmpty()) {
            return null;
        }
        Wanted wanted = Wanted.of(request);
        Optional<PageText> chosen = wanted.html() > 0
                        && wanted.html() >= wanted.json()
                        && page.html().isPresent()
                ? page.html()
                : wanted.json() > 0
                        ? page.json()
                        : wanted.any() > 0 ? page.json().or(page::html) : Optional.empty();
        return chosen.map(text -> new Shown(text.language().contentType(), text.with(said)))
                .orElse(null);
    }

    /** How much a client wants each (RFC 9110 section 12.5.1), in thousandths; 0 for not at all. */
    private record Wanted(int html, int json, int any) {
        static Wanted of(Fields request) {
            int at = request.find(KnownField.ACCEPT);
            if (at < 0) {
                return new Wanted(0, 0, 1000);
            }
            int html = 0;
            int json = 0;
            int any = 0;
            for (; at >= 0; at = request.find(KnownField.ACCEPT, at + 1)) {
                for (String range : request.value(at).split(",", 64)) {
                    String[] parts = range.split(";", 16);
                    String type = parts[0].strip();
                    int quality = quality(parts);
                    if (type.equalsIgnoreCase("text/html") || type.equalsIgnoreCase("application/xhtml+xml")) {
                        html = Math.max(html, quality);
                    } else if (type.equalsIgnoreCase("application/json") || type.endsWith("+json")) {
                        json = Math.max(json, quality);
                    } else if (type.equals("*/*")) {
                        any = Math.max(any, quality);
                    }
                }
            }
            return new Wanted(html, json, any);
        }

        private static int quality(String[] parts) {
            for (int i = 1; i < parts.length; i++) {
                String part = parts[i].strip();
                if (part.startsWith("q=") || part.startsWith("Q=")) {
                    try {
                        return (int) (1000 * Math.clamp(Double.parseDouble(part.substring(2)), 0.0, 1.0));
                    } catch (NumberFormatException none) {
                        return 0;
                    }
                }
            }
            return 1000;
        }
    }
}
