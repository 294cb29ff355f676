package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.AdminFixture.Answer;
import io.penstock.admin.machine.MachinePort;
import io.penstock.admin.machine.SystemSettings;
import io.penstock.admin.resource.ConfigJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The settings of the appliance's own system over the API. */
final class SystemSettingsTest {
    private static final String PATH = "/v1/system/settings";
    private static final String NETWORK =
            "{\"network\":[{\"name\":\"eth0\",\"addresses\":[\"192.0.2.7/24\"],\"gateways\":[\"192.0.2.1\"]}]}";

    /** The machine's own checks are tried with the same file, by {@code test_settings.py}. */
    private static final Path CASES = Path.of("../appliance-image/test/settings-cases.json");

    @TempDir
    Path folder;

    private AdminFixture admin;
    private final FakeMachine machine = new FakeMachine();

    @BeforeEach
    void start() throws Exception {
        admin = new AdminFixture(folder.resolve("data"));
        admin.machine = Optional.of(machine);
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private Answer put(String body, String... headers) throws Exception {
        return admin.send("PUT", PATH, body, headers.length > 0 ? headers : new String[] {"If-Match", "*"});
    }

    @Test
    void takesAndRefusesWhatTheMachineTakesAndRefuses() throws IOException {
        JsonNode cases = JsonMapper.shared().readTree(Files.readAllBytes(CASES));
        for (JsonNode good : cases.path("good")) {
            assertThat(ConfigJson.bind(SystemSettings.class, good).found())
                    .as(good.toString())
                    .isPresent();
        }
        for (JsonNode bad : cases.path("bad")) {
            List<String> pointers = bad.path("pointers")
                    .valueStream()
                    .map(JsonNode::stringValue)
                    .toList();
            assertThat(ConfigJson.bind(SystemSettings.class, bad.path("settings")))
                    .as(bad.toString())
                    .isInstanceOfSatisfying(
                            ConfigJson.Bad.class,
                            found -> assertThat(((ConfigJson.Bad<?>) found)
                                            .faults().stream()
                                                    .map(fault -> fault.pointer())
                                                    .sorted())
                                    .isEqualTo(pointers));
        }
    }

    @Nested
    class OffTheAppliance {
        @BeforeEach
        void isNoAppliance() {
            admin.machine = Optional.empty();
        }

        @Test
        void isToldSoEverywhere() throws Exception {
            for (Answer answer : List.of(
                    admin.get(PATH),
                    put("{}"),
                    admin.send("PATCH", PATH, "{}", "Content-Type", "application/merge-patch+json", "If-Match", "*"),
                    admin.send("POST", PATH + ":confirm", ""),
                    admin.send("POST", PATH + ":revert", ""))) {
                assertThat(answer.is(501).json().path("type").stringValue()).isEqualTo("/errors/not-an-appliance");
            }
            assertThat(admin.get("/v1/node").json().path("appliance").booleanValue())
                    .isFalse();
        }
    }

    @Nested
    class WhenNobodyCanBeCutOff {
        @Test
        void isKeptAtOnceWithATagOfItsOwn() throws Exception {
            assertThat(admin.get(PATH).is(200).header("ETag")).isEqualTo("\"s0\"");

            Answer changed = put("{\"hostname\":\"gate-two\"}", "If-Match", "\"s0\"", "Change-Note", "a name")
                    .is(200);

            assertThat(changed.header("ETag")).isEqualTo("\"s1\"");
            assertThat(changed.json().path("hostname").stringValue()).isEqualTo("gate-two");
            assertThat(changed.json().has("pending")).isFalse();
            assertThat(admin.get("/v1/node").json().path("appliance").booleanValue())
                    .isTrue();
            JsonNode line = admin.get("/v1/audit?action=system.settings").json().at("/items/0");
            assertThat(line.path("target").stringValue()).isEqualTo("/system/settings");
            assertThat(line.path("note").stringValue()).isEqualTo("a name");
            assertThat(line.path("changes").toString()).contains("/hostname").contains("gate-two");
        }

        @Test
        void isNotOverwrittenUnseen() throws Exception {
            admin.send("PUT", PATH, "{}").is(428);
            put("{\"hostname\":\"gate-two\"}").is(200);

            assertThat(put("{}", "If-Match", "\"s0\"").is(412).header("ETag")).isEqualTo("\"s1\"");
            put("{}", "If-Match", "W/\"s1\"").is(412);
        }

        @Test
        void takesPatchesOfBothKinds() throws Exception {
            admin.send(
                            "PATCH",
                            PATH,
                            "{\"ntp\":{\"servers\":[\"ntp.example\"]}}",
                            "Content-Type",
                            "application/merge-patch+json",
                            "If-Match",
                            "\"s0\"")
                    .is(200);
            Answer second = admin.send(
                            "PATCH",
                            PATH,
                            "[{\"op\":\"add\",\"path\":\"/ntp/servers/-\",\"value\":\"192.0.2.1\"}]",
                            "Content-Type",
                            "application/json-patch+json",
                            "If-Match",
                            "\"s1\"")
                    .is(200);

            assertThat(second.json().at("/ntp/servers").toString()).isEqualTo("[\"ntp.example\",\"192.0.2.1\"]");
        }

        @Test
        void isOnlyTriedIfAsked() throws Exception {
            Answer tried = admin.send("PUT", PATH + "?dry_run=true", NETWORK, "If-Match", "*")
                    .is(200);

            assertThat(tried.json().path("onTrial").booleanValue()).isTrue();
            assertThat(tried.json().at("/diff/0/path").stringValue()).startsWith("/network");
            assertThat(machine.words).doesNotContain("put");
        }
    }

    @Nested
    class WhenItCouldCutSomebodyOff {
        @Test
        void isOnTrialAndSaysUntilWhen() throws Exception {
            Answer changed = put(NETWORK).is(202);

            assertThat(changed.json().at("/pending/confirmBy").stringValue()).startsWith("20");
            assertThat(changed.json().at("/pending/settings/network/0/name").stringValue())
                    .isEqualTo("eth0");
            assertThat(changed.json().path("network").size()).isZero();
            assertThat(admin.get(PATH).json().has("pending")).isTrue();

            Answer kept = admin.send("POST", PATH + ":confirm", "").is(200);
            assertThat(kept.json().has("pending")).isFalse();
            assertThat(kept.header("ETag")).isEqualTo("\"s1\"");
        }

        @Test
        void takesADeadlineWithinBounds() throws Exception {
            for (String bad : List.of("9s", "61m", "soon")) {
                admin.send("PUT", PATH + "?confirm_within=" + bad, NETWORK, "If-Match", "*")
                        .is(400);
            }
            admin.send("PUT", PATH + "?confirm_within=1h", NETWORK, "If-Match", "*")
                    .is(202);
        }
    }

    @Nested
    class WhenTheMachineRefuses {
        private void refuses(String code, int status) throws Exception {
            machine.refusal = Optional.of(new MachinePort.Refused(
                    code,
                    "it is so",
                    JsonMapper.shared()
                            .readTree("[{\"pointer\":\"/hostname\",\"code\":\"bad-value\",\"detail\":\"no\"}]")));
            Answer answer = put("{}").is(status);
            if (status == 422) {
                assertThat(answer.json().at("/errors/0/pointer").stringValue()).isEqualTo("/hostname");
            }
        }

        @Test
        void saysWhyInTheWordsOfTheApi() throws Exception {
            refuses("validation", 422);
            refuses("stale", 412);
            refuses("trial-under-way", 409);
            refuses("busy", 503);
            refuses("whatever", 503);
        }

        @Test
        void saysWhenToAskAgainWhileItIsBusy() throws Exception {
            machine.refusal = Optional.of(new MachinePort.Refused(
                    "busy", "an upgrade is under way", JsonMapper.shared().readTree("[]")));

            Answer answer = put("{}").is(503);

            assertThat(answer.header("Retry-After")).isEqualTo("5");
            assertThat(answer.json().path("hint").stringValue())
                    .isEqualTo("nothing of this request was done: send it again in 5 seconds");
        }

        @Test
        void saysThatItDidNotAnswer() throws Exception {
            machine.isSilent = true;

            assertThat(admin.get(PATH).is(503).text()).contains("machine-failed");
        }

        @Test
        void neverHearsOfWhatIsNotValid() throws Exception {
            Answer refused = put("{\"hostname\":\"a b\",\"ntp\":{\"server\":[]},\"admin\":{\"port\":0}}")
                    .is(422);

            assertThat(refused.json().path("errors").size()).isEqualTo(3);
            assertThat(refused.text())
                    .contains("/admin/port")
                    .contains("/ntp/server")
                    .contains("/hostname");
            assertThat(machine.words).isEmpty();
        }
    }

    @Test
    void isForAdministratorsAlone() throws Exception {
        String editor = admin.send("POST", "/v1/tokens", "{\"name\":\"e\",\"roles\":[\"editor\"]}")
                .is(201)
                .json()
                .get("secret")
                .stringValue();

        // Keys of ssh are root's.
        admin.sendAs(editor, "PUT", PATH, "{}", "If-Match", "*").is(403);
        admin.sendAs(editor, "GET", PATH, "").is(403);
    }
}
