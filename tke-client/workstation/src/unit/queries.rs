//! The queries.

use hpcs_ep11::{
    AdminBlock, AdminCertificate, AdminDomain, AdminFunction, AttributeList, ControlPoints, DomainInfo, DomainInstance,
    Permissions, SubjectKeyId, XcpInfoRequest,
};

use super::answer::Answer;
use super::{Administrator, AttributeReport, Thresholds, UnitClient, UnitError};
use crate::UnitAuthority;

impl UnitClient {
    /// The attributes, and what the next command must carry.
    ///
    /// # Errors
    /// Any [`UnitError`].
    pub async fn attributes(&self) -> Result<AttributeReport, UnitError> {
        let answer = self.query(AdminFunction::QUERY_ATTRIBUTES, &[]).await?;
        let list = AttributeList::decode(&answer.output)?;
        Ok(AttributeReport {
            thresholds: Thresholds {
                signature: list.get(AttributeList::SIGNATURE_THRESHOLD).unwrap_or(NOT_REPORTED),
                revocation: list.get(AttributeList::REVOCATION_THRESHOLD).unwrap_or(NOT_REPORTED),
            },
            permissions: Permissions(list.get(AttributeList::PERMISSIONS).unwrap_or(0)),
            mode: list.get(AttributeList::MODE).unwrap_or(0),
            domain: answer.domain,
            module: answer.module,
            counter: answer.counter,
        })
    }

    /// The installed administrators in the order of their installation, with their certificates.
    ///
    /// # Errors
    /// Any [`UnitError`].
    pub async fn administrators(&self) -> Result<Vec<Administrator>, UnitError> {
        let mut administrators = Vec::new();
        for ski in self.administrator_ids().await? {
            let answer = self.query(AdminFunction::QUERY_ADMINISTRATORS, ski.as_bytes()).await?;
            administrators.push(administrator(ski, answer.output)?);
        }
        Ok(administrators)
    }

    /// Thresholds, permissions and administrators: what [`choose_signers`](crate::choose_signers) needs to know.
    ///
    /// # Errors
    /// Any [`UnitError`].
    pub async fn authority(&self) -> Result<UnitAuthority, UnitError> {
        let AttributeReport { thresholds, permissions, .. } = self.attributes().await?;
        Ok(UnitAuthority { thresholds, permissions, administrators: self.administrator_ids().await? })
    }

    /// The state of the master key registers. Not signed by the module.
    ///
    /// # Errors
    /// Any [`UnitError`].
    pub async fn domain_info(&self) -> Result<DomainInfo, UnitError> {
        let info = DomainInfo::decode(&self.exchange.facts(XcpInfoRequest::DOMAIN).await?)?;
        if info.domain == self.exchange.domain() { Ok(info) } else { Err(UnitError::Foreign { field: "domain" }) }
    }

    /// The control points that are on.
    ///
    /// # Errors
    /// Any [`UnitError`].
    pub async fn control_points(&self) -> Result<ControlPoints, UnitError> {
        let answer = self.query(AdminFunction::QUERY_CONTROL_POINTS, &[]).await?;
        Ok(ControlPoints(output_array(&answer.output, "control points")?))
    }

    async fn administrator_ids(&self) -> Result<Vec<SubjectKeyId>, UnitError> {
        let list = self.query(AdminFunction::QUERY_ADMINISTRATORS, &[]).await?.output;
        let (ids, rest) = list.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(UnitError::Foreign { field: "administrators" });
        }
        Ok(ids.iter().map(|id| SubjectKeyId(*id)).collect())
    }

    async fn query(&self, function: AdminFunction, input: &[u8]) -> Result<Answer, UnitError> {
        // A query names no domain instance.
        let domain = AdminDomain { index: self.exchange.domain(), instance: DomainInstance::NONE };
        let block = AdminBlock::query(&function.to_bytes(), &domain.to_bytes(), input).encode();
        let expected = self.expected(function, None);
        self.open(&self.exchange.administer(&block, &[]).await?, &expected)
    }
}

/// An output of a fixed size.
pub(crate) fn output_array<const N: usize>(output: &[u8], field: &'static str) -> Result<[u8; N], UnitError> {
    output.try_into().map_err(|_| UnitError::Foreign { field })
}

/// Certificates that cannot be read are listed with their identifier for a name: the unit took them, so they count.
fn administrator(ski: SubjectKeyId, certificate: Vec<u8>) -> Result<Administrator, UnitError> {
    let name = match AdminCertificate::decode(&certificate) {
        Ok(decoded) if decoded.key.subject_key_id() == ski => decoded.name,
        Ok(_) => return Err(UnitError::Foreign { field: "administrator certificate" }),
        Err(_) => ski.to_string(),
    };
    Ok(Administrator { ski, name, certificate })
}

/// What the published client shows for a threshold that is not reported.
const NOT_REPORTED: u32 = 999;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::signing_key;

    #[test]
    fn a_certificate_of_another_key_is_foreign() {
        let certificate = AdminCertificate::build("admin1", &signing_key(5)).unwrap();
        let ski = signing_key(5).public().subject_key_id();
        assert_eq!(administrator(ski, certificate.clone()).unwrap().name, "admin1");
        let other = signing_key(6).public().subject_key_id();
        assert!(matches!(administrator(other, certificate), Err(UnitError::Foreign { .. })));
    }

    #[test]
    fn an_unreadable_certificate_is_listed_by_its_identifier() {
        let ski = signing_key(5).public().subject_key_id();
        assert_eq!(administrator(ski, vec![0x30, 0]).unwrap().name, ski.to_string());
    }
}
