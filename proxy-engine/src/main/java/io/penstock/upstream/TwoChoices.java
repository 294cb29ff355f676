package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * The power of two choices: of two endpoints chosen by chance, each as likely as its weight says, the better one takes the
 * request. Nearly as even as looking at all endpoints, and workers that know nothing of each other do not herd to the same
 * one. Source: M. Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, IEEE TPDS 12 (2001).
 *
 * <p>Chance by weight costs the same for any number of endpoints. Each has a cell; a cell is drawn evenly, and then either
 * the endpoint of the cell or its alias, in whose favour the cell was filled up. Source: M. D. Vose, A Linear Algorithm
 * for Generating Random Numbers with a Given Distribution, IEEE TSE 17 (1991).
 */
@WorkerConfined
final class TwoChoices {
    private static final int WHOLE = 1 << 30;

    // So often is a draw repeated that gave what cannot be used; then the next in order is taken.
    private static final int DRAWS_MAX = 8;

    private final Chance chance;
    private final Order order;
    private boolean isEven = true;
    private int[] keep = new int[0];
    private int[] alias = new int[0];

    /** Which of two endpoints is the better one. */
    interface Order {
        boolean isBetter(Endpoint a, Endpoint b);
    }

    TwoChoices(Chance chance, Order order) {
        this.chance = chance;
        this.order = order;
    }

    // Null if the request has tried all of them.
    @Nullable
    Endpoint choose(Endpoint[] usable, OpenRequest request) {
        int first = draw(usable, request, -1);
        if (first < 0) {
            return null;
        }
        int second = draw(usable, request, first);
        return second >= 0 && order.isBetter(usable[second], usable[first]) ? usable[second] : usable[first];
    }

    /** Takes the weights of endpoints, which are drawn from until this is called again. */
    void weigh(Endpoint[] usable) {
        int count = usable.length;
        isEven = true;
        double sum = 0;
        for (Endpoint endpoint : usable) {
            isEven &= endpoint.share() == usable[0].share();
            sum += endpoint.share();
        }
        if (isEven) {
            return;
        }
        keep = new int[count];
        alias = new int[count];
        double[] filled = new double[count];
        int[] small = new int[count];
        int[] large = new int[count];
        int smalls = 0;
        int larges = 0;
        for (int i = 0; i < count; i++) {
            filled[i] = usable[i].share() * count / sum;
            if (filled[i] < 1) {
                small[smalls++] = i;
            } else {
                large[larges++] = i;
            }
        }
        while (smalls > 0 && larges > 0) {
            int poor = small[--smalls];
            int rich = large[--larges];
            keep[poor] = (int) (filled[poor] * WHOLE);
            alias[poor] = rich;
            filled[rich] -= 1 - filled[poor];
            if (filled[rich] < 1) {
                small[smalls++] = rich;
            } else {
                large[larges++] = rich;
            }
        }
        // What is left is full but for rounding.
        while (larges > 0) {
            keep[large[--larges]] = WHOLE;
        }
        while (smalls > 0) {
            keep[small[--smalls]] = WHOLE;
        }
    }

    // An index that is not `other` and was not tried; -1 if there is none.
    private int draw(Endpoint[] usable, OpenRequest request, int other) {
        int count = usable.length;
        if (count == 0) {
            return -1;
        }
        int drawn = 0;
        for (int draws = 0; draws < DRAWS_MAX; draws++) {
            drawn = draw(count);
            if (drawn != other && !request.hasTried(usable[drawn])) {
                return drawn;
            }
        }
        for (int i = 1; i <= count; i++) {
            int next = (drawn + i) % count;
            if (next != other && !request.hasTried(usable[next])) {
                return next;
            }
        }
        return -1;
    }

    private int draw(int count) {
        int cell = chance.below(count);
        return isEven || chance.below(WHOLE) < keep[cell] ? cell : alias[cell];
    }
}
