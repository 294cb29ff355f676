package io.penstock.exchange;

import io.penstock.exchange.facts.FilterNotes;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.Authenticators;
import io.penstock.spi.Credential;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.Identity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How one exchange's entries of {@code auth} come to one answer. Between entries the first that identifies the request decides;
 * those of an {@code allOf} have to do so each, and their answer is put together: the identity of the first that names a
 * consumer, with the groups and claims of all.
 *
 * <p>An entry that stands in several {@code allOf} is asked once: it may have taken its credential out of the request.
 * A request with some of what an {@code allOf} needs is not nobody's: unless another entry knows it, it is refused, also where
 * anonymous ones pass.
 */
@WorkerConfined
final class AuthRun {
    private static final byte[] ALL_OF = {'a', 'l', 'l', 'O', 'f'};

    private final Exchange exchange;
    private final FilterChain chain;
    private final FilterNotes notes;

    // What each entry has found, by its place among them; null as long as no allOf has begun.
    private @Nullable Identity @Nullable [] found;
    // The credentials that go with it.
    private @Nullable Credential[] credentials = {};
    private @Nullable Reason refusal;
    private boolean hasBegun;

    AuthRun(Exchange exchange, FilterChain chain, FilterNotes notes) {
        this.exchange = exchange;
        this.chain = chain;
        this.notes = notes;
    }

    /** Judges what the entry entered last has found. @return whether another one is to be asked */
    boolean goesOn() {
        Authenticators asked = exchange.route().authenticators();
        if (!hasBegun) {
            hasBegun = true;
            // Whoever is let in, nobody may say of himself what only an entry says.
            asked.guard(exchange.request().fields());
        }
        int last = chain.entered() - 1;
        int end = asked.allOfEnd(last);
        if (end > 0) {
            judge(asked, last, end);
        }
        return notes.identity() == null && refusal != Reason.CONSUMERS_DIFFER && chain.hasNext(FilterPhase.AUTH);
    }

    /** Whether an entry was asked before, in another allOf: what it found then counts. */
    boolean isKnown(int at) {
        Authenticators asked = exchange.route().authenticators();
        @Nullable Identity[] known = found;
        if (known == null || asked.allOfEnd(at) == 0) {
            return false;
        }
        for (int earlier = asked.first(); earlier < at; earlier++) {
            if (chain.slot(earlier) == chain.slot(at) && asked.allOfEnd(earlier) > 0) {
                Identity identity = known[earlier - asked.first()];
                if (identity != null) {
                    notes.identify(identity, credentials[earlier - asked.first()]);
                }
                return true;
            }
        }
        return false;
    }

    private void judge(Authenticators asked, int at, int end) {
        @Nullable Identity[] known = found;
        if (known == null) {
            known = new @Nullable Identity[asked.end() - asked.first()];
            found = known;
            credentials = new @Nullable Credential[known.length];
        }
        known[at - asked.first()] = notes.identity();
        credentials[at - asked.first()] = notes.credential();
        notes.forget();
        if (at == end - 1) {
            int begin = at;
            while (asked.allOfEnd(begin - 1) == end) {
                begin--;
            }
            settle(known, begin - asked.first(), end - asked.first());
        }
    }

    private void settle(@Nullable Identity[] known, int begin, int end) {
        List<Identity> all = new ArrayList<>(end - begin);
        int leader = -1;
        for (int at = begin; at < end; at++) {
            Identity identity = known[at];
            if (identity != null) {
                all.add(identity);
                if (leader < 0 && identity.consumer() != null) {
                    leader = at;
                }
            }
        }
        if (all.isEmpty()) {
            return;
        }
        if (all.size() < end - begin) {
            refusal = Reason.CREDENTIAL_INCOMPLETE;
            // What one of them said of the caller is not to stand beside what another entry says.
            exchange.route().authenticators().guard(exchange.request().fields());
            return;
        }
        int chosen = leader < 0 ? begin : leader;
        Identity first = leader < 0 ? all.getFirst() : known[leader];
        if (first == null) {
            throw new IllegalStateException("an entry that has found nobody leads");
        }
        for (Identity identity : all) {
            if (identity.consumer() != null && !identity.consumer().equals(first.consumer())) {
                refusal = Reason.CONSUMERS_DIFFER;
                return;
            }
        }
        notes.identify(together(first, all), credentials[chosen]);
        exchange.record().identified(ALL_OF);
    }

    private static Identity together(Identity first, List<Identity> all) {
        Set<String> groups = new LinkedHashSet<>(first.groups());
        Map<String, String> claims = new HashMap<>(first.claims());
        for (Identity identity : all) {
            groups.addAll(identity.groups());
            identity.claims().forEach(claims::putIfAbsent);
        }
        return new Identity(first.consumer(), first.subject(), List.copyOf(groups), claims);
    }

    /** Whether an entry that stands by itself has said who calls. */
    boolean isDecidedBy(int at) {
        return notes.identity() != null && exchange.route().authenticators().allOfEnd(at) == 0;
    }

    /** Whether the request may go on by what was found. @return false if it is refused: return at once */
    boolean isAdmitted() {
        Reason why = refusal;
        if (notes.identity() == null
                && (why != null || !exchange.route().authenticators().allowsAnonymous())) {
            Reason reason = why == null ? Reason.UNAUTHENTICATED : why;
            if (reason != Reason.CONSUMERS_DIFFER) {
                exchange.ownAnswer().challenges(notes.challenges());
            }
            exchange.refuse(reason, "");
            return false;
        }
        return exchange.caller().settle();
    }

    void reset() {
        found = null;
        refusal = null;
        hasBegun = false;
    }
}
