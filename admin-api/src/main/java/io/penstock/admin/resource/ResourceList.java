package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.revision.ConfigParts;
import io.penstock.admin.revision.CurrentConfig;
import io.penstock.config.NamedMap;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.node.ArrayNode;

/**
 * Pages of the resources of one type. A cursor names the last item of the page before, hence a page begins right where it
 * ended, whatever came or went meanwhile.
 */
final class ResourceList {
    private final ResourceType type;
    private final SecretViews views;

    ResourceList(ResourceType type, SecretViews views) {
        this.type = type;
        this.views = views;
    }

    ApiReply page(ApiRequest request, CurrentConfig current) {
        Predicate<Resource> wanted = wanted(request);
        int limit = Lists.limit(request);
        String sort = request.query().choice("sort", "name", List.of("name", "-name", "changed", "-changed"));
        Iterator<? extends Resource> found = sort.equals("name")
                ? inOrder(current.config().all(type), Lists.cursor(request))
                : sorted(current, sort, wanted, Lists.cursor(request));
        ArrayNode items = JsonText.NODES.arrayNode();
        Optional<String> nextCursor = Optional.empty();
        Resource last = null;
        while (found.hasNext()) {
            Resource next = found.next();
            if (wanted.test(next)) {
                if (items.size() == limit && last != null) {
                    nextCursor = Optional.of(Lists.cursor(position(current, sort, last)));
                    break;
                }
                items.add(views.of(next, current.config()));
                last = next;
            }
        }
        return Lists.page(request, items, nextCursor);
    }

    private Predicate<Resource> wanted(ApiRequest request) {
        List<String> tags = request.query().all("tag");
        String text = request.query().one("q").orElse("").toLowerCase(Locale.ROOT);
        return resource -> request.principal().may(Verb.READ, type.apiName(), resource.tags())
                && resource.tags().containsAll(tags)
                && (text.isEmpty() || holds(resource, text));
    }

    private static boolean holds(Resource resource, String text) {
        return resource.name().toLowerCase(Locale.ROOT).contains(text)
                || resource.note().orElse("").toLowerCase(Locale.ROOT).contains(text)
                || resource.tags().stream()
                        .anyMatch(tag -> tag.toLowerCase(Locale.ROOT).contains(text));
    }

    private static Iterator<? extends Resource> inOrder(NamedMap<? extends Resource> all, Optional<String> cursor) {
        return cursor.<Iterator<? extends Resource>>map(
                        position -> all.iteratorAfter(position.substring(position.indexOf(' ') + 1)))
                .orElseGet(all::iterator);
    }

    private Iterator<? extends Resource> sorted(
            CurrentConfig current, String sort, Predicate<Resource> wanted, Optional<String> cursor) {
        Comparator<String> order = Comparator.naturalOrder();
        if (sort.startsWith("-")) {
            order = order.reversed();
        }
        record Placed(String position, Resource resource) {}
        List<Placed> placed = new ArrayList<>();
        for (Resource resource : current.config().all(type)) {
            String position = position(current, sort, resource);
            if (wanted.test(resource) && (cursor.isEmpty() || order.compare(position, cursor.get()) > 0)) {
                placed.add(new Placed(position, resource));
            }
        }
        placed.sort(Comparator.comparing(Placed::position, order));
        return placed.stream().map(Placed::resource).iterator();
    }

    /** A text that sorts as the list does: fixed digits first, the name last. */
    private String position(CurrentConfig current, String sort, Resource resource) {
        long changed = sort.endsWith("changed")
                ? current.lastChanged(ConfigParts.key(type, resource.name())).orElse(0)
                : 0;
        return String.format(Locale.ROOT, "%019d", changed) + " " + resource.name();
    }
}
