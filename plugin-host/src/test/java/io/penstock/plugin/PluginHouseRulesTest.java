package io.penstock.plugin;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;

/** The rules of docs/ARCHITECTURE.md that a machine can check, for the rooms of plugins. */
@AnalyzeClasses(packages = "io.penstock.plugin", importOptions = ImportOption.DoNotIncludeTests.class)
final class PluginHouseRulesTest {
    @ArchTest
    static void eachRoomImportsOnlyRoomsBelow(JavaClasses host) {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("io.penstock.plugin..")
                .layer("plugin")
                .definedBy("io.penstock.plugin")
                .layer("js")
                .definedBy("io.penstock.plugin.js")
                .layer("bridge")
                .definedBy("io.penstock.plugin.bridge")
                .layer("budget")
                .definedBy("io.penstock.plugin.budget")
                .layer("kv")
                .definedBy("io.penstock.plugin.kv")
                .whereLayer("plugin")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("js")
                .mayOnlyBeAccessedByLayers("plugin")
                .whereLayer("bridge")
                .mayOnlyBeAccessedByLayers("plugin", "js")
                .check(host);
    }

    @ArchTest
    static void seesOfTheEngineOnlyItsContract(JavaClasses host) {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty..",
                        "io.penstock.transport..",
                        "io.penstock.snapshot..",
                        "io.penstock.exchange..",
                        "io.penstock.upstream..",
                        "io.penstock.downstream..",
                        "io.penstock.worker..",
                        "io.penstock.engine..")
                .check(host);
    }

    @ArchTest
    static void nothingIsKeptPerThread(JavaClasses host) {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocal.class)
                .check(host);
    }

    @ArchTest
    static void everyStaticFieldIsFinal(JavaClasses host) {
        noFields().that().areStatic().should().notBeFinal().check(host);
    }

    @ArchTest
    static void everythingIsNamedAfterItsNoun(JavaClasses host) {
        noClasses()
                .should()
                .haveNameMatching(".+(Util|Utils|Helper|Helpers|Manager|Impl|Base|Common)|.+\\.Abstract[A-Z][^.]*")
                .check(host);
    }

    // A script sees exported methods only of public classes; one that is not final could be extended by nobody knows
    // whom.
    @ArchTest
    static void whatScriptsSeeIsPublicAndFinal(JavaClasses host) {
        classes()
                .that()
                .containAnyMethodsThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are exported", method -> method.isAnnotatedWith(org.graalvm.polyglot.HostAccess.Export.class)))
                .should()
                .bePublic()
                .andShould()
                .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL)
                .check(host);
    }
}
