package io.penstock.appliance;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import io.penstock.http.CanonicalPath;
import io.penstock.http.Fields;
import io.penstock.http.StatusReasons;
import io.penstock.metrics.HookOutcome;
import io.penstock.metrics.Reason;

/**
 * What one module may see of another, over the classes of all of them: this is the only module that sees them all.
 * The engine's own rooms are checked in its HouseRulesTest.
 */
@AnalyzeClasses(packages = "io.penstock", importOptions = ImportOption.DoNotIncludeTests.class)
final class ModuleRulesTest {
    private static final String ROOT = "io.penstock.";

    @ArchTest
    static void adminSeesTheEngineOnlyByItsFrontDoor(JavaClasses product) {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "admin..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.penstock..")
                        .and(not(resideInAnyPackage(
                                ROOT + "admin..",
                                ROOT + "config..",
                                ROOT + "engine..",
                                ROOT + "metrics..",
                                ROOT + "spi.."))))
                .check(product);
    }

    @ArchTest
    static void pluginsSeeTheEngineOnlyByItsContract(JavaClasses product) {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "plugin..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.penstock..")
                        .and(not(resideInAnyPackage(
                                ROOT + "plugin..", ROOT + "config..", ROOT + "spi..", ROOT + "mark..")))
                        // What the contract's own signatures are made of, and the one form of a path and of a status.
                        .and(not(belongToAnyOf(
                                Fields.class,
                                CanonicalPath.class,
                                StatusReasons.class,
                                HookOutcome.class,
                                Reason.class))))
                .check(product);
    }

    @ArchTest
    static void nobodySeesTheAppliance(JavaClasses product) {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "appliance..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "appliance..")
                .check(product);
    }

    @ArchTest
    static void nettyStaysInTheEngine(JavaClasses product) {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + "admin..", ROOT + "plugin..", ROOT + "appliance..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(product);
    }

    @ArchTest
    static void nothingIsKeptPerThread(JavaClasses product) {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocal.class)
                .check(product);
    }

    @ArchTest
    static void everyStaticFieldIsFinal(JavaClasses product) {
        noFields()
                .that()
                .areStatic()
                .should()
                .notBeFinal()
                .allowEmptyShould(true)
                .check(product);
    }

    @ArchTest
    static void everythingIsNamedAfterItsNoun(JavaClasses product) {
        noClasses()
                .should()
                .haveNameMatching(".+(Util|Utils|Helper|Helpers|Manager|Impl|Base|Common)|.+\\.Abstract[A-Z][^.]*")
                .orShould()
                .resideInAnyPackage("..util..", "..utils..", "..common..", "..helper..", "..helpers..", "..manager..")
                .check(product);
    }
}
