package io.penstock.filter;

import io.penstock.config.TemplateText;
import io.penstock.config.TemplateText.Part;
import io.penstock.config.TemplateText.Source;
import io.penstock.http.ByteBuilder;
import io.penstock.spi.RequestValues;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole new path, segment by segment. What the route's template took goes in as it came, since it is canonical already and may
 * be several segments; every other value is one segment, or does not fit.
 */
final class PathTemplate {
    private final List<Segment> segments;

    /**
     * One segment.
     *
     * @param literal the text, if it is one
     * @param parameter what of the route's template stands here, empty if nothing does
     * @param value what else stands here
     */
    private record Segment(String literal, String parameter, Template value) {}

    private PathTemplate(List<Segment> segments) {
        this.segments = segments;
    }

    static PathTemplate of(String text) {
        List<Segment> segments = new ArrayList<>();
        for (String segment : text.split("/", -1)) {
            Template none = Template.of("");
            if (!segment.startsWith("{")) {
                segments.add(new Segment(segment, "", none));
                continue;
            }
            // {name...} is the rest of the path; its name is without the dots.
            String written = segment.replace("...}", "}");
            Part part = TemplateText.parse(written).parts().getFirst();
            String name = written.substring(1, written.length() - 1);
            boolean isParameter = part.source() == Source.PARAMETER;
            boolean isValue = part.source() == Source.HEADER
                    || part.source() == Source.COOKIE
                    || part.source() == Source.QUERY_PARAMETER;
            segments.add(new Segment(
                    "",
                    isParameter ? part.text() : isValue ? "" : name,
                    isParameter || part.source() == Source.UNKNOWN ? none : Template.of(written)));
        }
        return new PathTemplate(segments);
    }

    /** Appends the path of a request. @return false if a value does not fit */
    boolean fill(RequestValues from, Template.Filler filler, ByteBuilder into) {
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (i > 0) {
                into.append((byte) '/');
            }
            String taken = segment.parameter().isEmpty() ? "" : from.request().parameter(segment.parameter());
            if (!segment.literal().isEmpty()) {
                into.append(segment.literal());
            } else if (!taken.isEmpty()) {
                into.append(taken);
            } else if (!segment.value().fill(from, Template.Place.SEGMENT, Template.BYTES_MAX, filler, into)) {
                return false;
            }
        }
        return true;
    }
}
