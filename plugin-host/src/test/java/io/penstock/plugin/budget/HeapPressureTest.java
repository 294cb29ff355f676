package io.penstock.plugin.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class HeapPressureTest {
    private static final long MAX = 1_000;

    private final List<String> told = new ArrayList<>();
    private final List<Tenant> tenants = new ArrayList<>();
    private long usedBytes;
    private long nowNs = Long.MAX_VALUE - 1;
    private final HeapPressure pressure =
            new HeapPressure(() -> new HeapMeter.Reading(usedBytes, MAX), () -> nowNs, () -> tenants);

    private final class Tenant implements HeapTenant {
        private final String name;
        private final long allocated;
        private boolean isRenewed;

        Tenant(String name, long allocated) {
            this.name = name;
            this.allocated = allocated;
            tenants.add(this);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long allocatedBytes() {
            return allocated;
        }

        @Override
        public void renew(String why) {
            told.add("renew " + name);
            isRenewed = false;
        }

        @Override
        public void hurry() {
            told.add("hurry " + name);
        }

        @Override
        public boolean isRenewed() {
            return isRenewed;
        }

        @Override
        public void leaked(long freedBytes) {
            told.add(name + " freed " + freedBytes);
        }
    }

    private void collected(long used) {
        usedBytes = used;
        pressure.look();
    }

    // Its contexts are closed, and the next collection leaves so much.
    private void renewed(Tenant tenant, long used) {
        tenant.isRenewed = true;
        pressure.look();
        collected(used);
        nowNs += HeapPressure.JUDGE_NS;
        collected(used + 1);
        pressure.look();
    }

    @Test
    void leavesAllAloneWhileAFairPartOfTheHeapIsFree() {
        new Tenant("a", 9_999);

        collected(850);

        assertThat(told).isEmpty();
    }

    @Test
    void renewsWhoAllocatedMostAndCallsItTheLeakIfThatFreedMuch() {
        new Tenant("a", 300);
        Tenant b = new Tenant("b", 900);

        collected(860);
        renewed(b, 400);

        assertThat(told).containsExactly("renew b", "b freed 460");
    }

    @Test
    void blamesNobodyWhoseRenewalFreedLittleAndGoesOnToTheNext() {
        Tenant a = new Tenant("a", 300);
        Tenant b = new Tenant("b", 900);
        new Tenant("c", 5);

        collected(900);
        renewed(b, 861);
        renewed(a, 500);

        assertThat(told).containsExactly("renew b", "renew a", "a freed 362");
    }

    @Test
    void givesALeakItsTurnAgainOnceTheHeapWasFree() {
        Tenant a = new Tenant("a", 300);

        collected(900);
        renewed(a, 300);
        collected(900);

        assertThat(told).containsExactly("renew a", "a freed 600", "renew a");
    }

    @Test
    void waitsForNoNewContextsWhereTheNextCollectionFindsNoRoomEither() {
        new Tenant("a", 300);

        collected(900);
        pressure.look();
        collected(890);
        collected(910);

        assertThat(told).containsExactly("renew a", "hurry a");
    }

    @Test
    void waitsForNoNewContextsInAHeapThatIsAllButFull() {
        new Tenant("a", 300);

        collected(951);

        assertThat(told).containsExactly("renew a", "hurry a");
    }

    @Test
    void letsNewContextsComeFirstWhereTheNextCollectionFoundRoom() {
        new Tenant("a", 300);

        collected(900);
        collected(850);

        assertThat(told).containsExactly("renew a");
    }

    @Test
    void blamesNobodyForMoreThanItHasAllocated() {
        Tenant a = new Tenant("a", 100);

        collected(900);
        renewed(a, 300);

        assertThat(told).containsExactly("renew a");
    }

    @Test
    void believesTheSecondCollectionWhereTheFirstBeganTooEarly() {
        Tenant a = new Tenant("a", 300);

        collected(900);
        a.isRenewed = true;
        pressure.look();
        collected(899);
        collected(400);

        assertThat(told).containsExactly("renew a", "a freed 500");
    }

    @Nested
    class WhileOneIsMadeAnew {
        private final Tenant most = new Tenant("most", 900);

        WhileOneIsMadeAnew() {
            new Tenant("other", 60);
            collected(900);
        }

        @Test
        void waitsUntilItsContextsAreClosed() {
            collected(940);
            nowNs += HeapPressure.CLOSING_NS_MAX;
            collected(930);

            assertThat(told).containsExactly("renew most", "hurry most");
        }

        @Test
        void waitsForACollectionBehindThat() {
            most.isRenewed = true;
            collected(950);
            nowNs += HeapPressure.REST_NS;
            collected(950);

            assertThat(told).containsExactly("renew most");
        }

        @Test
        void doesNotWaitForAWorkerThatStandsStill() {
            nowNs += HeapPressure.CLOSING_NS_MAX + 1;
            collected(900);
            collected(901);
            nowNs += HeapPressure.JUDGE_NS;
            collected(902);
            pressure.look();

            assertThat(told).containsExactly("renew most", "renew other");
        }

        @Test
        void waitsForCollectionsThatFreeBitByBit() {
            most.isRenewed = true;
            pressure.look();
            nowNs += HeapPressure.JUDGE_NS - 1;
            for (int used = 901; used < 900 + HeapPressure.COLLECTIONS_MAX; used++) {
                collected(used);
            }
            pressure.look();
            assertThat(told).containsExactly("renew most");

            collected(890);
            pressure.look();

            assertThat(told).containsExactly("renew most", "renew other");
        }

        @Test
        void leavesTimeBetweenOneAndTheNext() {
            most.isRenewed = true;
            pressure.look();
            collected(700);
            collected(900);
            nowNs += HeapPressure.ROUND_NS_MIN - 1;
            pressure.look();
            assertThat(told).containsExactly("renew most", "most freed 200");

            nowNs++;
            pressure.look();

            assertThat(told).containsExactly("renew most", "most freed 200", "renew other");
        }
    }

    @Test
    void sparesWhoHasAllocatedTooLittleToMatter() {
        new Tenant("a", 49);

        collected(990);

        assertThat(told).isEmpty();
    }

    @Test
    void looksAtNewcomersWhileItRests() {
        Tenant a = new Tenant("a", 300);
        collected(900);
        renewed(a, 901);
        new Tenant("b", 100);

        pressure.look();

        assertThat(told).containsExactly("renew a", "renew b");
    }

    @Test
    void restsWhenAllHadTheirTurnInVain() {
        Tenant a = new Tenant("a", 300);
        collected(900);
        renewed(a, 901);

        nowNs += HeapPressure.REST_NS - 1;
        collected(950);
        assertThat(told).containsExactly("renew a");

        nowNs++;
        pressure.look();
        assertThat(told).containsExactly("renew a", "renew a");
    }
}
