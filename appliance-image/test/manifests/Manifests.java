import com.google.gson.Gson;
import com.google.gson.JsonElement;
import io.kubernetes.client.openapi.JSON;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/**
 * Reads manifests as Kubernetes would: each member is one that its description has, nothing that is required is missing, and each
 * value is of its type. It ends with 1 where one does not hold, and tells the first of each manifest.
 *
 * <p>{@code java -cp 'target/lib/*' Manifests.java FILE.yaml...}, after {@code mvn -f appliance-image/test/manifests package}.
 */
final class Manifests {
    // The classes are in packages of no version; a ServiceMonitor is not Kubernetes' own.
    private static final Map<String, String> CLASSES = Map.of(
            "v1 ConfigMap", "V1ConfigMap",
            "v1 Secret", "V1Secret",
            "v1 Service", "V1Service",
            "v1 ServiceAccount", "V1ServiceAccount",
            "apps/v1 Deployment", "V1Deployment",
            "apps/v1 StatefulSet", "V1StatefulSet",
            "autoscaling/v2 HorizontalPodAutoscaler", "V2HorizontalPodAutoscaler",
            "networking.k8s.io/v1 NetworkPolicy", "V1NetworkPolicy",
            "policy/v1 PodDisruptionBudget", "V1PodDisruptionBudget");
    private static final String FOREIGN = "monitoring.coreos.com/v1 ServiceMonitor";

    private Manifests() {}

    public static void main(String[] files) throws IOException, ReflectiveOperationException {
        int faults = 0;
        int read = 0;
        for (String file : files) {
            for (Object document : new Yaml().loadAll(Files.readString(Path.of(file)))) {
                if (document instanceof Map<?, ?> manifest) {
                    read++;
                    String fault = fault(manifest);
                    if (!fault.isEmpty()) {
                        faults++;
                        System.err.println(file + ": " + manifest.get("kind") + ": " + fault);
                    }
                }
            }
        }
        System.out.println(read + " manifests, " + faults + " faults");
        System.exit(faults == 0 && read > 0 ? 0 : 1);
    }

    private static String fault(Map<?, ?> manifest) throws ReflectiveOperationException {
        String kind = manifest.get("apiVersion") + " " + manifest.get("kind");
        if (kind.equals(FOREIGN)) {
            return "";
        }
        String name = CLASSES.get(kind);
        if (name == null) {
            return kind + " is nothing that this chart should make";
        }
        Class<?> type = Class.forName("io.kubernetes.client.openapi.models." + name);
        JsonElement json = new Gson().toJsonTree(manifest);
        try {
            type.getMethod("validateJsonElement", JsonElement.class).invoke(null, json);
            JSON.getGson().fromJson(json, type);
            return "";
        } catch (InvocationTargetException refused) {
            return String.valueOf(refused.getCause().getMessage());
        } catch (RuntimeException refused) {
            return String.valueOf(refused.getMessage());
        }
    }
}
