package io.penstock.admin.resource;

import io.penstock.admin.revision.EditResult;
import io.penstock.admin.revision.Precondition;
import io.penstock.admin.store.ResourceKey;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code If-Match} and {@code If-None-Match} (RFC 9110 section 13.1) as the API's tags spell them: {@code "r41"}. */
final class Preconditions {
    private static final Pattern TAG = Pattern.compile("\"r([0-9]{1,18})\"");

    /** Nothing was ever changed by it. */
    private static final long NO_REVISION = -1;

    private Preconditions() {}

    /** What the request asks for; {@link Precondition.NotGiven} if it says nothing. */
    static Precondition of(ApiRequest request) {
        Optional<String> match = request.header("If-Match");
        Optional<String> noneMatch = request.header("If-None-Match");
        if (match.isPresent() && noneMatch.isPresent()) {
            throw ApiProblem.of(400, "bad-precondition", "If-Match and If-None-Match exclude each other");
        }
        if (noneMatch.isPresent()) {
            if (!noneMatch.get().strip().equals("*")) {
                throw ApiProblem.of(400, "bad-precondition", "If-None-Match of a write can only be *");
            }
            return new Precondition.Absent();
        }
        return match.map(Preconditions::parse).orElse(Precondition.notGiven());
    }

    /** The same where nothing said means no condition. */
    static Precondition orNone(ApiRequest request) {
        Precondition said = of(request);
        return said instanceof Precondition.NotGiven ? Precondition.unconditional() : said;
    }

    /** Whether a read may be answered with 304. */
    static boolean isUnchanged(ApiRequest request, long lastChanged) {
        Optional<String> known = request.header("If-None-Match");
        return known.isPresent()
                && (known.get().strip().equals("*")
                        || revisions(known.get().replace("W/", "")).contains(lastChanged));
    }

    static Precondition parse(String match) {
        return match.strip().equals("*") ? new Precondition.Existing() : new Precondition.ChangedBy(revisions(match));
    }

    // A tag of another spelling, a weak one too, is none of ours: it matches nothing, which the caller learns by 412.
    private static Set<Long> revisions(String tags) {
        Set<Long> revisions = new HashSet<>();
        for (String tag : tags.split(",", -1)) {
            Matcher matcher = TAG.matcher(tag.strip());
            revisions.add(matcher.matches() ? Long.parseLong(matcher.group(1)) : NO_REVISION);
        }
        return revisions;
    }

    /** Why a part of a resource may not be written: one that is there only by who knows its resource's tag. */
    static Optional<EditResult.Rejected> ofPart(
            ApiRequest request, ResourceKey resource, long lastChanged, boolean exists) {
        Optional<ResourceKey> key = Optional.of(resource);
        return switch (of(request)) {
            case Precondition.NotGiven missing ->
                exists ? Optional.of(new EditResult.PreconditionRequired(key, lastChanged)) : Optional.empty();
            case Precondition.Absent absent ->
                exists ? Optional.of(new EditResult.Exists(resource, lastChanged)) : Optional.empty();
            case Precondition.Existing any -> exists ? Optional.empty() : Optional.of(new EditResult.Stale(key, 0));
            case Precondition.ChangedBy changedBy ->
                changedBy.revisions().contains(lastChanged)
                        ? Optional.empty()
                        : Optional.of(new EditResult.Stale(key, lastChanged));
            case Precondition.Unconditional free -> Optional.empty();
        };
    }
}
