package io.penstock;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.penstock.mark.SharedByWorkers;
import io.penstock.mark.WorkerConfined;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules of docs/ARCHITECTURE.md and docs/CONTRIBUTING.md that a machine can check. */
@AnalyzeClasses(packages = "io.penstock", importOptions = ImportOption.DoNotIncludeTests.class)
final class HouseRulesTest {
    private static final String ROOT = "io.penstock.";

    /** Bottom row first: a package imports only rows below its own. */
    private static final List<Set<String>> ROWS = List.of(
            Set.of("config", "metrics", "mark", "cores"),
            Set.of("http", "http2", "http3", "transport", "coding"),
            Set.of("route", "consumer", "limit", "spi"),
            Set.of("filter"),
            Set.of("snapshot"),
            Set.of("upstream", "discovery"),
            Set.of("exchange"),
            Set.of("downstream"),
            Set.of("worker"),
            Set.of("engine"));

    /** Imports allowed within one row; an entry needs its reason here. */
    private static final Map<String, Set<String>> NEIGHBOURS = Map.of(
            // The marks are words for everyone, the lowest row included.
            "config", Set.of("mark"),
            "metrics", Set.of("mark"),
            // A head that came by HTTP/2 is http's head, made of http's bytes.
            "http2", Set.of("http"),
            // The same, with the string code that both protocols have.
            "http3", Set.of("http", "http2"),
            // An upstream runs with the endpoints that discovery finds, in discovery's own words.
            "upstream", Set.of("discovery"));

    /**
     * Classes outside `limit` and `metrics` that may use atomics: each hands something from one thread to another.
     * `http.Octets` is here for its VarHandle alone, a plain view of a byte array as words, which orders nothing.
     */
    private static final Set<String> ATOMIC_CLASSES = Set.of(
            ROOT + "snapshot.Pins", ROOT + "http.Octets", ROOT + "transport.ring.Ring", ROOT + "transport.ring.WakeUp");

    private static final Pattern ATOMIC_BUFFER_CALL =
            Pattern.compile("(compareAnd|getAnd).*|.*(Volatile|Ordered|Acquire|Release|Opaque)");

    @ArchTest
    static void eachRowImportsOnlyRowsBelow(JavaClasses engine) {
        classes().should(importOnlyRowsBelow()).check(engine);
    }

    @ArchTest
    static void onlyTransportAndEngineSeeNetty(JavaClasses engine) {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "transport..", ROOT + "engine..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(engine);
    }

    @ArchTest
    static void configIsPlainData(JavaClasses engine) {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "org.agrona..")
                .check(engine);
    }

    @ArchTest
    static void nothingIsKeptPerThread(JavaClasses engine) {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocal.class)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.netty.util.concurrent.FastThreadLocal")
                .check(engine);
    }

    @ArchTest
    static void chanceComesFromAnInjectedSeed(JavaClasses engine) {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
                .orShould()
                .callMethod(Math.class, "random")
                .check(engine);
    }

    @ArchTest
    static void everyStaticFieldIsFinal(JavaClasses engine) {
        noFields()
                .that()
                .areStatic()
                .should()
                .notBeFinal()
                .allowEmptyShould(true)
                .check(engine);
    }

    @ArchTest
    static void atomicsStayInTheirRooms(JavaClasses engine) {
        DescribedPredicate<JavaClass> elsewhere = describe(
                "reside outside limit, metrics and the classes named above",
                type -> !resideInAnyPackage(ROOT + "limit..", ROOT + "metrics..")
                                .test(type)
                        && !ATOMIC_CLASSES.contains(outermost(type).getName()));
        DescribedPredicate<JavaClass> atomic = describe(
                "are atomics or VarHandle",
                type -> type.getPackageName().equals("java.util.concurrent.atomic")
                        || type.isEquivalentTo(VarHandle.class));

        noClasses()
                .that(elsewhere)
                .should()
                .dependOnClassesThat(atomic)
                .orShould()
                .accessTargetWhere(isAtomicBufferCall())
                .check(engine);
    }

    @ArchTest
    static void theRoomsInsideOfExchangeDoNotKnowIt(JavaClasses engine) {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + "exchange.facts", ROOT + "exchange.limits", ROOT + "exchange.admission")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "exchange")
                .check(engine);
    }

    @ArchTest
    static void everythingIsNamedAfterItsNoun(JavaClasses engine) {
        noClasses()
                .should()
                .haveNameMatching(".+(Util|Utils|Helper|Helpers|Manager|Impl|Base|Common)|.+\\.Abstract[A-Z][^.]*")
                .orShould()
                .resideInAnyPackage("..util..", "..utils..", "..common..", "..helper..", "..helpers..", "..manager..")
                .check(engine);
    }

    @ArchTest
    static void sharedTypesHoldNothingConfined(JavaClasses engine) {
        classes()
                .that()
                .areAnnotatedWith(SharedByWorkers.class)
                .should(holdNothingConfined())
                .allowEmptyShould(true)
                .check(engine);
    }

    @ArchTest
    static void publicClassesOfTheHotRoomsSayTheirThread(JavaClasses engine) {
        classes()
                .that()
                .resideInAnyPackage(ROOT + "worker..", ROOT + "exchange..", ROOT + "downstream..", ROOT + "upstream..")
                .and()
                .arePublic()
                .should(sayTheirThread())
                .allowEmptyShould(true)
                .check(engine);
    }

    @ArchTest
    static void noTypeIsBothConfinedAndShared(JavaClasses engine) {
        noClasses()
                .should()
                .beAnnotatedWith(WorkerConfined.class)
                .andShould()
                .beAnnotatedWith(SharedByWorkers.class)
                .check(engine);
    }

    private static ArchCondition<JavaClass> importOnlyRowsBelow() {
        return new ArchCondition<>("import only rows below their own") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                String room = roomOf(type);
                if (rowOf(room) < 0) {
                    events.add(SimpleConditionEvent.violated(type, type.getName() + " is in no row of the table"));
                }
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass();
                    if (target.getPackageName().startsWith(ROOT) && !mayImport(room, roomOf(target))) {
                        events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
                    }
                }
            }
        };
    }

    private static boolean mayImport(String room, String other) {
        return room.equals(other)
                || rowOf(other) < rowOf(room)
                || NEIGHBOURS.getOrDefault(room, Set.of()).contains(other);
    }

    /** The first name after the root: `io.penstock.route.layout` is in the room `route`. */
    private static String roomOf(JavaClass type) {
        String name = type.getPackageName();
        if (!name.startsWith(ROOT)) {
            return "";
        }
        int end = name.indexOf('.', ROOT.length());
        return end < 0 ? name.substring(ROOT.length()) : name.substring(ROOT.length(), end);
    }

    private static int rowOf(String room) {
        for (int row = 0; row < ROWS.size(); row++) {
            if (ROWS.get(row).contains(room)) {
                return row;
            }
        }
        return -1;
    }

    private static JavaClass outermost(JavaClass type) {
        JavaClass current = type;
        while (current.getEnclosingClass().isPresent()) {
            current = current.getEnclosingClass().get();
        }
        return current;
    }

    private static DescribedPredicate<JavaAccess<?>> isAtomicBufferCall() {
        return describe(
                "is an atomic or ordered access to an Agrona buffer",
                access -> access.getTargetOwner().getPackageName().equals("org.agrona.concurrent")
                        && access.getTargetOwner().getSimpleName().endsWith("Buffer")
                        && ATOMIC_BUFFER_CALL.matcher(access.getName()).matches());
    }

    private static ArchCondition<JavaClass> holdNothingConfined() {
        return new ArchCondition<>("have no field of a type marked @WorkerConfined") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (JavaField field : type.getAllFields()) {
                    // All involved types: a list or an array of confined things is no better than one of them.
                    for (JavaClass part : field.getAllInvolvedRawTypes()) {
                        if (part.getBaseComponentType().isAnnotatedWith(WorkerConfined.class)) {
                            events.add(SimpleConditionEvent.violated(
                                    field, field.getFullName() + " holds " + part.getName() + ", a confined type"));
                        }
                    }
                }
            }
        };
    }

    private static ArchCondition<JavaClass> sayTheirThread() {
        return new ArchCondition<>("carry @WorkerConfined or @SharedByWorkers, or be of a kind that needs neither") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean said = isMarked(type)
                        || isMarked(outermost(type))
                        || type.isRecord()
                        || type.isInterface()
                        || type.isEnum()
                        || type.isAssignableTo(Throwable.class)
                        || type.reflect().isSealed();
                events.add(new SimpleConditionEvent(type, said, type.getName() + " does not say its thread"));
            }
        };
    }

    private static boolean isMarked(JavaClass type) {
        return type.isAnnotatedWith(WorkerConfined.class) || type.isAnnotatedWith(SharedByWorkers.class);
    }
}
