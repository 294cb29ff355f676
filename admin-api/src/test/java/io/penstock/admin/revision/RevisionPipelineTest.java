package io.penstock.admin.revision;

import static io.penstock.admin.revision.PipelineFixture.await;
import static io.penstock.admin.revision.PipelineFixture.delete;
import static io.penstock.admin.revision.PipelineFixture.edit;
import static io.penstock.admin.revision.PipelineFixture.put;
import static io.penstock.admin.revision.PipelineFixture.route;
import static io.penstock.admin.revision.PipelineFixture.routeTo;
import static io.penstock.admin.revision.PipelineFixture.service;
import static io.penstock.admin.revision.PipelineFixture.upstream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.admin.store.AuditEvent;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RevisionPipelineTest {

    @TempDir
    private Path folder;

    private PipelineFixture fixture;

    @BeforeEach
    void start() {
        fixture = new PipelineFixture(folder);
        assertThat(fixture.start(Optional.empty())).isInstanceOf(StartResult.Started.class);
    }

    @AfterEach
    void close() {
        fixture.close();
        assertThat(fixture.target.leaked())
                .as("prepared, but neither published nor discarded")
                .isZero();
    }

    @Test
    void beginsWithWhatANewInstanceHas() {
        CurrentConfig current = fixture.pipeline().current();

        assertThat(current.revision()).isEqualTo(1);
        assertThat(current.config()).isEqualTo(ProxyConfig.initial());
        assertThat(fixture.target.published).containsExactly(1L);
    }

    @Test
    void servesTheStoredRevisionAfterARestartAndMakesNone() {
        fixture.put(route("a", 200));

        fixture.restart();

        assertThat(fixture.pipeline().current().revision()).isEqualTo(2);
        assertThat(fixture.target.serving().routes().contains("a")).isTrue();
        assertThat(fixture.target.published).containsExactly(2L);
        assertThat(fixture.store().revision()).isEqualTo(2);
    }

    @Test
    void makesOneRevisionOfAnEditAndTellsWhatItChanged() {
        EditResult result = fixture.put(route("a", 200), route("b", 200));

        assertThat(result).isInstanceOfSatisfying(EditResult.Applied.class, applied -> {
            assertThat(applied.revision()).isEqualTo(2);
            assertThat(applied.changes())
                    .extracting(change -> change.key().path())
                    .containsExactly("/routes/a", "/routes/b");
            assertThat(applied.publication().pendingWorkers()).isZero();
        });
        assertThat(fixture.store().record(2).orElseThrow().actor()).isEqualTo(PipelineFixture.ACTOR);
    }

    @Test
    void tellsWhatOnlyTheCompiledFormShows() {
        ConfigWarning shadowed = new ConfigWarning(
                ResourceRef.of(ResourceType.ROUTES, "a"), "/matches/0", "unreachable", "b wins", Optional.empty());
        fixture.target.warns(shadowed);

        EditResult applied = fixture.put(route("a", 200));

        assertThat(applied)
                .isInstanceOfSatisfying(
                        EditResult.Applied.class,
                        made -> assertThat(made.warnings()).containsOnlyOnce(shadowed));
    }

    @Test
    void makesNoRevisionWhenNothingDiffers() {
        fixture.put(route("a", 200));

        EditResult result = fixture.put(route("a", 200));

        assertThat(result).isInstanceOf(EditResult.Unchanged.class);
        assertThat(fixture.store().revision()).isEqualTo(2);
    }

    @Test
    void tellsForEachResourceWhichRevisionLastChangedIt() {
        fixture.put(route("a", 200), route("b", 200));
        fixture.put(route("b", 404));

        assertLastChanged(2, 3);
        fixture.restart();
        assertLastChanged(2, 3);
    }

    private void assertLastChanged(long a, long b) {
        CurrentConfig current = fixture.pipeline().current();
        assertThat(current.lastChanged(ConfigParts.key(ResourceType.ROUTES, "a")))
                .hasValue(a);
        assertThat(current.lastChanged(ConfigParts.key(ResourceType.ROUTES, "b")))
                .hasValue(b);
        assertThat(current.lastChanged(ConfigParts.key(ResourceType.ROUTES, "c")))
                .isEmpty();
    }

    @Test
    void refusesTheWholeEditWhenOneStepIsFaulty() {
        EditResult result = fixture.put(route("a", 200), routeTo("b", "nowhere"));

        assertThat(result)
                .isInstanceOfSatisfying(
                        EditResult.Refused.class,
                        refused -> assertThat(refused.problems())
                                .extracting(ConfigProblem::code)
                                .contains(ConfigProblem.UNKNOWN_REFERENCE));
        assertThat(fixture.store().revision()).isEqualTo(1);
        assertThat(fixture.auditLines().getFirst().event().outcome()).isEqualTo(AuditEvent.Outcome.REFUSED);
        assertThat(fixture.auditLines().getFirst().event().detail().orElseThrow())
                .contains("unknown-reference");
    }

    @Test
    void refusesToRemoveWhatOthersName() {
        fixture.put(upstream("u"), service("u"), routeTo("a", "u"));

        EditResult result = fixture.submit(edit(delete(ResourceType.SERVICES, "u")));

        assertThat(result).isInstanceOfSatisfying(EditResult.InUse.class, inUse -> {
            assertThat(inUse.key().path()).isEqualTo("/services/u");
            assertThat(inUse.usedBy()).hasSize(1);
            assertThat(inUse.usedBy().getFirst().user().name()).isEqualTo("a");
        });
    }

    @Test
    void removesWhatOthersNameTogetherWithThem() {
        fixture.put(upstream("u"), service("u"), routeTo("a", "u"));

        EditResult result = fixture.submit(edit(delete(ResourceType.SERVICES, "u"), delete(ResourceType.ROUTES, "a")));

        assertThat(result).isInstanceOf(EditResult.Applied.class);
    }

    @Test
    void patchesTheNewestState() {
        fixture.put(route("a", 200));
        EditOperation patch = new EditOperation.Patch(
                ResourceType.ROUTES,
                "a",
                new Precondition.Existing(),
                before -> new EditOperation.Next<>(route(before.name(), 404)));

        EditResult result = fixture.submit(edit(patch));

        assertThat(result).isInstanceOf(EditResult.Applied.class);
        assertThat(fixture.pipeline().current().config().routes().find("a").orElseThrow())
                .isEqualTo(route("a", 404));
    }

    @Test
    void tellsThatWhatShouldBePatchedOrRemovedIsNotThere() {
        EditOperation patch = new EditOperation.Patch(
                ResourceType.ROUTES, "a", new Precondition.Existing(), EditOperation.Next<Resource>::new);

        assertThat(fixture.submit(edit(patch))).isInstanceOf(EditResult.NotFound.class);
        assertThat(fixture.submit(edit(delete(ResourceType.ROUTES, "a")))).isInstanceOf(EditResult.NotFound.class);
    }

    @Test
    void refusesWhatTheActorMayNotChange() {
        Edit edit = Edit.of(
                PipelineFixture.ACTOR,
                change -> !change.key().name().equals("b"),
                "edit",
                "/config",
                put(route("a", 200), Precondition.unconditional()),
                put(route("b", 200), Precondition.unconditional()));

        EditResult result = fixture.submit(edit);

        assertThat(result)
                .isInstanceOfSatisfying(
                        EditResult.Forbidden.class,
                        forbidden -> assertThat(forbidden.keys())
                                .extracting(key -> key.path())
                                .containsExactly("/routes/b"));
    }

    @Test
    void bringsBackEverythingAsItWas() {
        fixture.put(route("a", 200), route("b", 200));
        fixture.put(route("a", 404));
        fixture.submit(edit(delete(ResourceType.ROUTES, "b"), put(route("c", 200), Precondition.unconditional())));

        EditResult result = fixture.submit(edit(new EditOperation.Rollback(2)));

        assertThat(result)
                .isInstanceOfSatisfying(
                        EditResult.Applied.class,
                        applied -> assertThat(applied.revision()).isEqualTo(5));
        assertThat(fixture.pipeline().current().config().routes())
                .extracting(RouteConfig::name)
                .containsExactly("a", "b");
        assertThat(fixture.store().record(5).orElseThrow().summary().contentHash())
                .isEqualTo(fixture.store().record(2).orElseThrow().summary().contentHash());
        assertThat(fixture.submit(edit(new EditOperation.Rollback(2)))).isInstanceOf(EditResult.Unchanged.class);
        assertThat(fixture.submit(edit(new EditOperation.Rollback(77)))).isInstanceOf(EditResult.UnknownRevision.class);
    }

    @Test
    void writesBeforeAndAfterIntoTheAuditLog() {
        fixture.put(route("a", 200));
        fixture.put(route("a", 404));

        AuditEvent line = fixture.auditLines().getFirst().event();

        assertThat(line.action()).isEqualTo("config.edit");
        assertThat(line.revision()).contains(3L);
        assertThat(line.changes().orElseThrow())
                .startsWith("[{\"path\":\"/routes/a\",\"before\":{")
                .contains("\"after\":{");
        assertThat(fixture.store().audit().verify().isSound()).isTrue();
    }

    @Nested
    final class Preconditions {

        @Test
        void areNeededToReplaceButNotToCreate() {
            assertThat(submitPut(200, Precondition.notGiven())).isInstanceOf(EditResult.Applied.class);

            assertThat(submitPut(404, Precondition.notGiven()))
                    .isInstanceOfSatisfying(
                            EditResult.PreconditionRequired.class,
                            required -> assertThat(required.currentETag()).isEqualTo("\"r2\""));
        }

        @Test
        void holdWhileOthersChangeOtherResources() {
            submitPut(200, Precondition.notGiven());
            fixture.put(route("other", 200));

            assertThat(submitPut(404, Precondition.changedBy(2))).isInstanceOf(EditResult.Applied.class);
        }

        @Test
        void failWithTheCurrentTagOnceTheResourceChanged() {
            submitPut(200, Precondition.notGiven());
            submitPut(404, Precondition.changedBy(2));

            assertThat(submitPut(500, Precondition.changedBy(2)))
                    .isInstanceOfSatisfying(
                            EditResult.Stale.class,
                            stale -> assertThat(stale.currentETag()).isEqualTo("\"r3\""));
            assertThat(submitPut(500, new Precondition.ChangedBy(Set.of(2L, 3L))))
                    .isInstanceOf(EditResult.Applied.class);
        }

        @Test
        void canAskThatNothingOrSomethingIsThere() {
            assertThat(submitPut(200, new Precondition.Existing())).isInstanceOf(EditResult.Stale.class);
            assertThat(submitPut(200, new Precondition.Absent())).isInstanceOf(EditResult.Applied.class);
            assertThat(submitPut(404, new Precondition.Absent())).isInstanceOf(EditResult.Exists.class);
            assertThat(submitPut(404, new Precondition.Existing())).isInstanceOf(EditResult.Applied.class);
        }

        @Test
        void compareTheWholeConfigurationWithTheNewestRevision() {
            fixture.put(route("a", 200));
            Edit edit = edit(put(route("b", 200), Precondition.unconditional()));

            assertThat(fixture.submit(edit.withConfigPrecondition(Precondition.changedBy(1))))
                    .isInstanceOf(EditResult.Stale.class);
            assertThat(fixture.submit(edit.withConfigPrecondition(Precondition.notGiven())))
                    .isInstanceOf(EditResult.PreconditionRequired.class);
            assertThat(fixture.submit(edit.withConfigPrecondition(Precondition.changedBy(2))))
                    .isInstanceOf(EditResult.Applied.class);
        }

        private EditResult submitPut(int status, Precondition precondition) {
            return fixture.submit(edit(put(route("a", status), precondition)));
        }
    }

    @Nested
    final class WhenEditsWait {

        @Test
        void theyShareOnePreparationAndOneAdoptionAndAreARevisionEach() throws Exception {
            List<CompletionStage<EditResult>> results = submitWhileHeld(
                    edit(put(route("a", 200), Precondition.notGiven())),
                    edit(put(route("b", 200), Precondition.notGiven())),
                    edit(put(route("c", 200), Precondition.notGiven())));

            assertThat(revisions(results)).containsExactly(3L, 4L, 5L);
            // The initial one, the one they waited behind, and one for all three.
            assertThat(fixture.target.published).containsExactly(1L, 2L, 5L);
            assertThat(fixture.target.prepared).hasSize(3);
            assertThat(fixture.store().record(4).orElseThrow().changes()).hasSize(1);
        }

        @Test
        void aFaultyOneFailsAlone() throws Exception {
            List<CompletionStage<EditResult>> results = submitWhileHeld(
                    edit(put(route("a", 200), Precondition.notGiven())),
                    edit(put(routeTo("b", "nowhere"), Precondition.notGiven())),
                    edit(put(route("c", 200), Precondition.notGiven())));

            assertThat(await(results.get(0))).isInstanceOf(EditResult.Applied.class);
            assertThat(await(results.get(1))).isInstanceOf(EditResult.Refused.class);
            assertThat(await(results.get(2))).isInstanceOf(EditResult.Applied.class);
        }

        @Test
        void ofTwoForOneResourceTheSecondIsStale() throws Exception {
            List<CompletionStage<EditResult>> results = submitWhileHeld(
                    edit(put(route("a", 200), Precondition.notGiven())),
                    edit(put(route("a", 404), Precondition.notGiven())));

            assertThat(await(results.get(0))).isInstanceOf(EditResult.Applied.class);
            assertThat(await(results.get(1))).isInstanceOf(EditResult.PreconditionRequired.class);
        }

        @Test
        void oneThatTheEngineCannotServeFailsAlone() throws Exception {
            fixture.target.refuse(config -> config.routes().contains("b"));

            List<CompletionStage<EditResult>> results = submitWhileHeld(
                    edit(put(route("a", 200), Precondition.notGiven())),
                    edit(put(route("b", 200), Precondition.notGiven())),
                    edit(put(route("c", 200), Precondition.notGiven())));

            assertThat(await(results.get(0))).isInstanceOf(EditResult.Applied.class);
            assertThat(await(results.get(1))).isInstanceOf(EditResult.Refused.class);
            assertThat(await(results.get(2))).isInstanceOf(EditResult.Applied.class);
            assertThat(fixture.target.serving().routes().contains("b")).isFalse();
        }

        @Test
        void oneWithAFaultOfOursFailsAlone() throws Exception {
            EditOperation broken = new EditOperation.Transform(before -> {
                throw new IllegalStateException("a bug");
            });

            List<CompletionStage<EditResult>> results =
                    submitWhileHeld(edit(broken), edit(put(route("c", 200), Precondition.notGiven())));

            assertThatThrownBy(() -> await(results.get(0))).hasRootCauseMessage("a bug");
            assertThat(await(results.get(1))).isInstanceOf(EditResult.Applied.class);
        }

        @Test
        void allOfThemHearOfAFullDiskEvenThoseThatWereJudgedOnTheOthers() throws Exception {
            fixture.store().setFull(true);
            List<CompletionStage<EditResult>> results = submitWhileHeld(
                    edit(put(route("a", 200), Precondition.notGiven())),
                    edit(put(route("a", 404), Precondition.notGiven())));

            assertThat(await(results.get(0))).isInstanceOf(EditResult.StoreFailed.class);
            assertThat(await(results.get(1))).isInstanceOf(EditResult.StoreFailed.class);
        }

        @Test
        void answersBusyBeyondItsBound() throws Exception {
            fixture.target.hold();
            List<CompletionStage<EditResult>> results = new ArrayList<>();
            results.add(fixture.pipeline().submit(edit(put(route("first", 200), Precondition.unconditional()))));
            fixture.target.awaitHeld();
            for (int i = 0; i <= 1024; i++) {
                results.add(fixture.pipeline().submit(edit(put(route("a", 200), Precondition.unconditional()))));
            }

            assertThat(await(results.getLast())).isInstanceOf(EditResult.Busy.class);
            fixture.target.goOn();
            assertThat(await(results.get(1024))).isNotInstanceOf(EditResult.Busy.class);
        }

        /** Submits while another edit is being prepared, so that all of these wait together. */
        private List<CompletionStage<EditResult>> submitWhileHeld(Edit... edits) throws InterruptedException {
            fixture.target.hold();
            CompletionStage<EditResult> first =
                    fixture.pipeline().submit(edit(put(route("first", 200), Precondition.unconditional())));
            fixture.target.awaitHeld();
            List<CompletionStage<EditResult>> results = new ArrayList<>();
            for (Edit edit : edits) {
                results.add(fixture.pipeline().submit(edit));
            }
            fixture.target.goOn();
            await(first);
            return results;
        }

        private static List<Long> revisions(List<CompletionStage<EditResult>> results) {
            List<Long> revisions = new ArrayList<>();
            for (CompletionStage<EditResult> result : results) {
                if (await(result) instanceof EditResult.Applied applied) {
                    revisions.add(applied.revision());
                }
            }
            return revisions;
        }
    }

    @Nested
    final class WhenTheStoreRefuses {

        @Test
        void nothingIsPublishedAndTheNextEditHeals() {
            ProxyConfig before = fixture.target.serving();
            fixture.store().setFull(true);

            EditResult refused = fixture.put(route("a", 200));

            assertThat(refused).isInstanceOf(EditResult.StoreFailed.class);
            assertThat(fixture.target.serving()).isSameAs(before);
            assertThat(fixture.pipeline().current().revision()).isEqualTo(1);
            assertThat(fixture.target.discarded).hasSize(1);

            fixture.store().setFull(false);
            assertThat(fixture.put(route("a", 200)))
                    .isInstanceOfSatisfying(
                            EditResult.Applied.class,
                            applied -> assertThat(applied.revision()).isEqualTo(2));
        }
    }

    @Nested
    final class DryRuns {

        @Test
        void tellWhatWouldBeAndLeaveNothingButAnAuditLine() {
            EditResult result = fixture.submit(
                    edit(put(route("a", 200), Precondition.notGiven())).withDryRun(true));

            assertThat(result).isInstanceOfSatisfying(EditResult.WouldApply.class, would -> {
                assertThat(would.wouldBeRevision()).isEqualTo(2);
                assertThat(would.changes()).hasSize(1);
            });
            assertThat(fixture.store().revision()).isEqualTo(1);
            assertThat(fixture.target.discarded).hasSize(1);
            assertThat(fixture.auditLines().getFirst().event().outcome()).isEqualTo(AuditEvent.Outcome.DRY_RUN);
        }

        @Test
        void hearWhatTheEngineWouldRefuse() {
            fixture.target.refuse(config -> config.routes().contains("a"));

            EditResult result = fixture.submit(
                    edit(put(route("a", 200), Precondition.notGiven())).withDryRun(true));

            assertThat(result).isInstanceOf(EditResult.Refused.class);
        }
    }

    @Nested
    final class IdempotencyKeys {

        @Test
        void makeOneRevisionEvenOverARestart() {
            Edit edit = edit(put(route("a", 200), Precondition.notGiven()))
                    .withKey(Optional.of(new IdempotencyKey("k", "f")));
            assertThat(fixture.submit(edit)).isInstanceOf(EditResult.Applied.class);

            assertThat(fixture.submit(edit)).isEqualTo(new EditResult.Replayed(2));
            fixture.restart();
            assertThat(fixture.submit(edit)).isEqualTo(new EditResult.Replayed(2));
        }

        @Test
        void areRefusedForAnotherRequest() {
            fixture.submit(edit(put(route("a", 200), Precondition.notGiven()))
                    .withKey(Optional.of(new IdempotencyKey("k", "f"))));

            EditResult result = fixture.submit(edit(put(route("b", 200), Precondition.notGiven()))
                    .withKey(Optional.of(new IdempotencyKey("k", "other"))));

            assertThat(result).isInstanceOf(EditResult.KeyReused.class);
        }
    }

    @Nested
    final class WhenARevisionIsOnTrial {

        private void begin() {
            fixture.put(route("a", 200));
            EditResult result = fixture.submit(edit(put(route("a", 404), Precondition.unconditional()))
                    .withConfirmWithin(Optional.of(Duration.ofMinutes(2))));
            assertThat(result)
                    .isInstanceOfSatisfying(
                            EditResult.Applied.class,
                            applied -> assertThat(applied.trial()).isPresent());
        }

        @Test
        void itComesBackWhenNobodyConfirms() {
            begin();

            fixture.advance(Duration.ofSeconds(121));

            Awaitility.await().until(() -> fixture.pipeline().trial().isEmpty());
            assertThat(fixture.pipeline().current().revision()).isEqualTo(4);
            assertThat(fixture.target.serving().routes().find("a").orElseThrow())
                    .isEqualTo(route("a", 200));
            assertThat(fixture.store().record(4).orElseThrow().note().orElseThrow())
                    .contains("not confirmed in time");
            assertThat(fixture.store().pendingConfirm()).isEmpty();
        }

        @Test
        void itStaysOnceConfirmed() {
            begin();

            EditResult result = await(fixture.pipeline()
                    .confirm(OptionalLong.of(3), PipelineFixture.ACTOR, Optional.empty(), Optional.empty()));
            fixture.advance(Duration.ofSeconds(121));

            assertThat(result).isEqualTo(new EditResult.Confirmed(3));
            assertThat(fixture.put(route("b", 200))).isInstanceOf(EditResult.Applied.class);
            assertThat(fixture.pipeline().current().config().routes().find("a").orElseThrow())
                    .isEqualTo(route("a", 404));
            assertThat(fixture.auditLines())
                    .anySatisfy(line -> assertThat(line.event().action()).isEqualTo("config.confirm"));
        }

        @Test
        void nothingElseIsBuiltOnIt() {
            begin();

            assertThat(fixture.put(route("b", 200))).isInstanceOf(EditResult.TrialUnderWay.class);
        }

        @Test
        void aRollbackEndsIt() {
            begin();

            assertThat(fixture.submit(edit(new EditOperation.Rollback(2)))).isInstanceOf(EditResult.Applied.class);
            assertThat(fixture.pipeline().trial()).isEmpty();
            assertThat(fixture.put(route("b", 200))).isInstanceOf(EditResult.Applied.class);
        }

        @Test
        void itIsTakenBackAtTheNextStart() {
            begin();

            StartResult started = fixture.restart();

            assertThat(started)
                    .isInstanceOfSatisfying(
                            StartResult.Started.class,
                            each -> assertThat(each.reverted()).contains(3L));
            assertThat(fixture.target.published).containsExactly(4L);
            assertThat(fixture.target.serving().routes().find("a").orElseThrow())
                    .isEqualTo(route("a", 200));
            assertThat(fixture.pipeline().trial()).isEmpty();
        }

        @Test
        void anotherRevisionCannotBeConfirmedInItsPlace() {
            begin();

            assertThat(await(fixture.pipeline()
                            .confirm(OptionalLong.of(2), PipelineFixture.ACTOR, Optional.empty(), Optional.empty())))
                    .isInstanceOf(EditResult.NothingToConfirm.class);
        }
    }

    @Nested
    final class WhenStarting {

        @Test
        void makesTheFirstEditAndPublishesOnce() {
            fixture.put(route("a", 200));
            fixture.close();
            fixture.target = new FakeTarget();

            StartResult result = fixture.start(Optional.of(edit(put(route("b", 200), Precondition.unconditional()))));

            assertThat(result)
                    .isInstanceOfSatisfying(
                            StartResult.Started.class,
                            started ->
                                    assertThat(started.first().orElseThrow()).isInstanceOf(EditResult.Applied.class));
            assertThat(fixture.target.published).containsExactly(3L);
        }

        @Test
        void doesNotStartWithWhatTheEngineCannotServe() {
            fixture.close();
            fixture.target = new FakeTarget();
            fixture.target.refuse(config -> true);

            assertThat(fixture.start(Optional.empty())).isInstanceOf(StartResult.NotStarted.class);
        }

        @Test
        void saysWhichResourceItCannotRead() {
            fixture.put(route("a", 200));
            fixture.close();
            fixture.codec.forgetAll();

            assertThat(fixture.start(Optional.empty()))
                    .isInstanceOfSatisfying(
                            StartResult.NotStarted.class,
                            not -> assertThat(not.reason())
                                    .isInstanceOfSatisfying(
                                            EditResult.Refused.class,
                                            refused -> assertThat(refused.problems())
                                                    .anySatisfy(problem -> assertThat(problem.detail())
                                                            .contains("/routes/a")
                                                            .contains("revision 2"))));
        }
    }
}
