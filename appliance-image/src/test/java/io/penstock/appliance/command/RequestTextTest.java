package io.penstock.appliance.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What {@code penstock request ID} shows. */
final class RequestTextTest {
    private static List<String> lines(String more) {
        return RequestText.of(JsonMapper.shared().readTree("""
                {"method":"GET","host":"shop.example","path":"/orders","clientAddress":"127.0.0.1","started":"now",
                 "status":500,"reason":"filter-failed","durationUs":300,"tries":0,"listener":"web","route":"orders",
                 "trail":[{"elapsedUs":5,"step":"auth","verdict":"failed","detail":"plugin guard@1.0.0: quarantined",
                           "reason":"filter-failed"}]%s}
                """.formatted(more)));
    }

    @Test
    void namesEachHookWithItsCostAndWhatCameOfIt() {
        List<String> lines = lines("""
                ,"plugins":[{"plugin":"guard@1.0.0","hook":"authenticate","calls":1,"cpuUs":12,"waitedUs":0,
                             "outcome":"failed","code":"threw"},
                            {"plugin":"edit@2.0.0","hook":"onRequestBody","calls":3,"cpuUs":40,"waitedUs":900,
                             "outcome":"continued"}],"pluginsLeftOut":2
                """);

        assertThat(lines)
                .containsSequence(
                        "PLUGIN       HOOK           CALLS  CPU US  WAITED US  OUTCOME",
                        "guard@1.0.0  authenticate   1      12      0          failed: threw",
                        "edit@2.0.0   onRequestBody  3      40      900        continued",
                        "and 2 more hooks");
    }

    @Test
    void saysNothingOfPluginsWhereNoneRan() {
        List<String> lines = lines(",\"plugins\":[],\"pluginsLeftOut\":0");

        assertThat(lines).hasSize(5).last().asString().endsWith("plugin guard@1.0.0: quarantined  filter-failed");
    }
}
